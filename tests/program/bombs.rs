//! Small files that ask for much: one input fails one task, one template fails the build, and nothing ends the process.

use crate::harness::{CONFIG, Place};

/// The first bytes of a PNG of so many pixels: a header, and no pixel.
fn png_header(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Grayscale);
    drop(encoder.write_header().unwrap());
    // The start of the pixels' chunk: the header is only then complete.
    bytes.truncate(33);
    bytes.extend_from_slice(&[0, 0, 0, 24]);
    bytes.extend_from_slice(b"IDAT");
    bytes.resize(69, 0);
    bytes
}

/// A good experiment beside one that reads this file of `divergence`.
fn beside(file: &str, bytes: impl AsRef<[u8]>, limits: &str) -> Place {
    let first = format!(
        "title = \"Bad\"\nanalysis = \"divergence\"\n[params]\nfirst = {{ file = \"{file}\" }}\nsecond = {{ file = \"{file}\" }}\n"
    );
    let place = Place::project(&[
        ("bad.toml", &first),
        ("bad.md", "# Bad\n\nIt is {{ value(\"bad#tv\") }}.\n"),
        ("strip.toml", "title = \"Strip\"\nanalysis = \"dragon\"\n"),
        ("strip.md", "# Strip\n\nIt has {{ value(\"strip#segments\") }} parts.\n"),
        ("index.md", "# Home\n"),
    ]);
    place.write(&format!("experiments/{file}"), bytes);
    place.write("octavo.toml", format!("{CONFIG}[limits]\n{limits}\n"));
    place
}

/// The build goes on, says this of one task, and the page of its experiment says it, too.
#[track_caller]
fn fails_alone(place: &Place, message: &str, help: &str) {
    place.octavo(&["build"]).run().exits(1).says(&["bad", message, help, "1 failed"]);
    let shown = place.read("site/bad.html").replace("&quot;", "\"");
    let shown_message = message.replace('`', "");
    assert!(shown.contains("role=\"alert\"") || shown.contains(message), "{shown_message}: {shown}");
    assert!(!place.read("site/strip.html").contains("role=\"alert\""));
    place.octavo(&["run", "bad"]).run().exits(1).says(&[message]);
    place.octavo(&["check"]).run().exits(0);
}

#[test]
fn a_header_that_asks_for_much_fails_one_task() {
    for (width, height, pixels) in [
        (100_000, 100_000, "100000 by 100000 pixels"),
        (30_000, 30_000, "30000 by 30000 pixels"),
        (70_000, 1000, "70000 by 1000 pixels"),
    ] {
        let place = beside("bad.png", png_header(width, height), "time = 60");
        let message = format!("`bad.png` holds {pixels}, and at most 50000000 numbers are read");
        fails_alone(&place, &message, "raise `limits.input.numbers` in octavo.toml");
    }
}

#[test]
fn more_numbers_than_allowed_fail_one_task() {
    for (file, text) in [
        ("bad.csv", "1,2,3\n4,5,6\n7,8,9\n"),
        ("bad.json", "[[1, 2, 3], [4, 5, 6], [7, 8, 9]]"),
        ("one.csv", "1,2,3,4,5,6,7,8,9"),
    ] {
        let place = beside(file, text, "input = { numbers = 8 }");
        let message = format!("`{file}` holds more than 8 numbers, and at most 8 numbers are read");
        fails_alone(&place, &message, "raise `limits.input.numbers` in octavo.toml");
        place.write("octavo.toml", format!("{CONFIG}[limits]\ninput = {{ numbers = 9 }}\n"));
        assert_eq!(place.build().failed, 0);
    }
}

#[test]
fn a_file_that_is_too_large_fails_one_task_and_is_not_read() {
    let place = beside("bad.csv", "1", "input = { size = 1 }");
    let file = std::fs::File::options().write(true).open(place.path("experiments/bad.csv")).unwrap();
    for (length, size) in [(1 << 40, "1048576 MiB"), ((1 << 20) + 1, "2 MiB"), (300_000_000, "287 MiB")] {
        file.set_len(length).unwrap();
        let message = format!("`bad.csv` has {size}, and at most 1 MiB are read");
        fails_alone(&place, &message, "raise `limits.input.size` in octavo.toml");
    }
    file.set_len(1).unwrap();
    let good = place.octavo(&["build", "--log-format", "json"]).run().exits(0).published();
    assert_eq!((good.failed, good.ran, good.remembered), (0, 1, 1));
}

/// Outside any project the same limits hold.
#[test]
fn an_experiment_that_stands_alone_has_limits_too() {
    let place = Place::new();
    place.write("a.png", png_header(100_000, 100_000));
    place.write(
        "a.toml",
        "title = \"A\"\nanalysis = \"divergence\"\n[params]\nfirst = { file = \"a.png\" }\n",
    );
    place
        .octavo(&["run", "a.toml"])
        .run()
        .exits(1)
        .says(&["100000 by 100000 pixels"])
        .prints(&["1 task without a result"]);
}

/// What cannot be decoded is the task's; what is not there is the definition's.
#[test]
fn a_damaged_file_fails_its_task_and_a_missing_one_the_definition() {
    for (file, bytes) in [
        ("bad.png", b"GIF89a".as_slice()),
        ("bad.csv", b"1,x\n"),
        ("bad.json", b"{"),
        ("bad.npy", b"\x93NUMPY\x01\x00"),
    ] {
        let place = beside(file, bytes, "time = 60");
        fails_alone(&place, &format!("`{file}`"), "1 failed");
        std::fs::remove_file(place.path(&format!("experiments/{file}"))).unwrap();
        place.octavo(&["build"]).run().exits(2).says(&[&format!("there is no file `{file}`"), "bad.toml:4"]);
    }
}

#[test]
fn a_template_that_asks_for_much_is_an_error_at_its_place_and_the_old_site_stays() {
    let place = Place::small();
    place.build();
    let before = place.tree("site");
    for (text, message) in [
        (
            format!("{{% if 0 %}}{}{{% endif %}}", "{% elif 0 %}".repeat(7500)),
            "more than 5000 words and signs",
        ),
        (format!("{{{{ {}1 }}}}", "1+".repeat(27_000)), "more than 5000 words and signs"),
        ("{{ '%2000000000d'|format(1) }}".to_owned(), "templates/page.html:2"),
        ("{{ 'a\\nb'|indent(4000000000) }}".to_owned(), "templates/page.html:2"),
    ] {
        place.write("templates/page.html", format!("first\n{text}"));
        place.octavo(&["build"]).run().exits(2).says(&["templates/page.html:2", message]);
        assert_eq!(place.tree("site"), before);
    }
}
