//! A store on another machine behind that of a project, by HTTP: what it is good for, and what it cannot do however bad it is.

mod server;

use std::sync::Mutex;
use std::time::Duration;

use octavo::store::{ActionRecord, Notes, Output};
use octavo_plugin::Digest;
use serde_json::Value as Json;

use self::server::{Answer, Server};
use crate::harness::{Done, Place, Published, differences};

/// Three tasks, with results that are small and some that are not, and a chain of two behind them.
fn project() -> Place {
    Place::project(&[
        ("index.md", "# Home\n\n{{ value(\"sweep#most\") }}\n"),
        (
            "sweep.toml",
            "title = \"S\"\nanalysis = \"dragon\"\n[sweep]\nfolds = [2, 9, 10]\n[values.most]\nfrom = \"scalars\"\nexpr = \"max(segments)\"\n",
        ),
        ("first.toml", "title = \"F\"\nanalysis = \"sinkhorn\"\n[params]\nepsilon = [1.0]\n"),
        (
            "second.toml",
            "title = \"C\"\nanalysis = \"sinkhorn\"\n[params]\nepsilon = [0.5]\nsource = { from = \"first\", artifact = \"target\" }\n",
        ),
    ])
}

const TASKS: u64 = 5;

fn with(place: &Place, server: &Server, arguments: &[&str], more: &[(&str, &str)]) -> Done {
    let mut run = place.octavo(arguments).env("OCTAVO_STORE_REMOTE", &server.address);
    for (name, value) in more {
        run = run.env(name, value);
    }
    run.run()
}

const PUSH: (&str, &str) = ("OCTAVO_STORE_PUSH", "1");
const BUILD: &[&str] = &["build", "--log-format", "json"];

fn build(place: &Place, server: &Server, more: &[(&str, &str)]) -> (Published, Vec<String>) {
    let done = with(place, server, BUILD, more).exits(0);
    let lines = done.lines();
    let told = lines.iter().filter(|line| line["code"] == "remote-store");
    (done.published(), told.map(|line| line["message"].as_str().unwrap().to_owned()).collect())
}

/// A server with the results of the project, and the site of it.
fn warm() -> (Server, Place) {
    let (server, place) = (Server::new(), project());
    let (published, told) = build(&place, &server, &[PUSH]);
    assert_eq!((published.ran, told.len()), (TASKS, 0));
    (server, place)
}

/// Exactly one thing is told, with these words; all is computed here, and the site is the same.
#[track_caller]
fn costs_a_message(server: &Server, one: &Place, ran: u64, parts: &[&str]) {
    let place = project();
    place.edit("octavo.toml", "octavo =", "store = { timeout = 0.5 }\noctavo =");
    let (published, told) = build(&place, server, &[]);
    assert_eq!((published.ran, published.failed), (ran, 0), "{told:?}");
    assert_eq!(told.len(), 1, "{told:?}");
    for part in parts {
        assert!(told[0].contains(part), "`{part}` is not in {told:?}");
    }
    assert_eq!(differences(&one.tree("site"), &place.tree("site")), "");
}

#[test]
fn what_one_machine_computed_another_one_does_not() {
    let (server, one) = (Server::new(), project());
    let secret = ("OCTAVO_STORE_TOKEN", "sesame-19");
    let done = with(&one, &server, &["build", "-v"], &[PUSH, secret]).exits(0).says_nothing_of("sesame");
    done.says(&["5 results went to `http://127.0.0.1:"]);
    let puts = server.asked("PUT");
    assert!(puts.iter().all(|put| put.headers["if-none-match"] == "*"));
    for method in ["GET", "HEAD", "PUT"] {
        let asked = server.asked(method);
        assert!(
            !asked.is_empty() && asked.iter().all(|one| one.headers["authorization"] == "Bearer sesame-19")
        );
    }
    // Every blob is there before a record that names it.
    let place_of = |path: &str| puts.iter().position(|put| put.path == path).unwrap();
    let mut blobs = 0;
    for (path, bytes) in server.files().iter().filter(|(path, _)| path.contains("/actions/")) {
        let key: Digest = path.strip_prefix("/store/actions/").unwrap().replace('/', "").parse().unwrap();
        for output in ActionRecord::decode(&key, bytes).unwrap().blobs() {
            let hex = output.digest.hex();
            assert!(place_of(&format!("/store/blobs/{}/{}", &hex[..2], &hex[2..])) < place_of(path));
            blobs += 1;
        }
    }
    assert!(blobs >= 2, "some results are no part of a record");
    let other = project();
    let (published, told) = build(&other, &server, &[]);
    assert_eq!((published.ran, published.remembered, told.len()), (0, TASKS, 0));
    assert_eq!(differences(&one.tree("site"), &other.tree("site")), "");
    // What is here is not asked for.
    let before = server.asked("GET").len();
    other.write("experiments/index.md", "# Other\n");
    assert_eq!(build(&other, &server, &[]).0.ran, 0);
    assert_eq!(server.asked("GET").len(), before);
    // Who shows that all can be computed anew asks nobody.
    with(&one, &server, &["verify"], &[]).exits(0).says(&["sweep: 3 tasks run, 0 remembered"]);
    assert_eq!(server.asked("GET").len(), before);
}

#[test]
fn who_is_not_asked_to_write_reads_only() {
    let (server, place) = (Server::new(), project());
    for more in [&[][..], &[("OCTAVO_STORE_PUSH", "0")]] {
        build(&place, &server, more);
        std::fs::remove_dir_all(place.path(".octavo")).unwrap();
    }
    assert_eq!((server.asked("PUT").len(), server.files().len()), (0, 0));
    // One that takes nothing is told once, and a good build stays one.
    server.misbehaves(|asked, _| (asked.method == "PUT").then(|| Answer::of(403)));
    let (published, told) = build(&place, &server, &[PUSH]);
    assert_eq!((published.ran, told.len()), (TASKS, 1), "{told:?}");
    assert!(told[0].contains("does not let this machine write (it answers 403)"), "{told:?}");
    assert_eq!(server.asked("PUT").len(), 1);
    with(&place, &server, &["store", "push"], &[]).exits(1).says(&["5 records were not brought there"]);
}

#[test]
fn results_are_pushed_and_pulled_by_hand_with_their_number() {
    let (server, one, other) = (Server::new(), project(), project());
    build(&one, &server, &[]);
    let push = |place| with(place, &server, &["store", "push"], &[]).exits(0);
    let pull = |place| with(place, &server, &["store", "pull"], &[]).exits(0);
    push(&one).says(&["5 records and ", "are brought there", "0 were there already"]);
    push(&one).says(&["0 records and 0 results are brought there, 0 bytes; 5 were there already"]);
    pull(&other).says(&["5 records and ", " are new", "0 were there already; 0 tasks without a result yet"]);
    pull(&other).says(&["0 records and 0 results are new, 0 bytes; 5 were there already; 0 tasks"]);
    assert_eq!(other.build().ran, 0);
    assert_eq!(differences(&one.tree("site"), &other.tree("site")), "");
    server.clear();
    pull(&project()).says(&["0 records", "5 tasks without a result yet"]);
    for verb in ["push", "pull"] {
        one.octavo(&["store", verb])
            .run()
            .exits(2)
            .says(&["no remote store is named", "OCTAVO_STORE_REMOTE"]);
    }
}

#[test]
fn shards_with_stores_of_their_own_share_one_behind_them() {
    let (server, last) = (Server::new(), project());
    for number in 1..=3 {
        let part = format!("{number}/3");
        let arguments = ["run", "--shard", &part, "--wait", "0", "--log-format", "json"];
        with(&project(), &server, &arguments, &[PUSH]).exits(0);
    }
    assert_eq!(server.asked("PUT").iter().filter(|put| put.path.contains("/actions/")).count(), 5);
    assert_eq!(build(&last, &server, &[]).0.ran, 0);
}

#[test]
fn bytes_that_are_not_what_they_should_be_are_told_and_made_again() {
    let (server, one) = warm();
    let flipped = |bytes: Option<&Vec<u8>>| {
        let mut bytes = bytes?.clone();
        *bytes.last_mut()? ^= 1;
        Some(Answer::with(200, &bytes))
    };
    server.misbehaves(move |asked, bytes| asked.is_get_of("blobs").then(|| flipped(bytes)).flatten());
    let place = project();
    let (published, told) = build(&place, &server, &[]);
    assert!(published.ran >= 2 && published.remembered >= 1, "{published:?}");
    assert!(told.len() == 1 && told[0].contains("holds other bytes than its digest says"), "{told:?}");
    assert_eq!(differences(&one.tree("site"), &place.tree("site")), "");
    // Who may write mends it.
    let damaged = |server: &Server| {
        let mut files = server.files();
        files.retain(|path, _| path.contains("/blobs/"));
        files.into_iter().for_each(|(path, _)| server.put(&path, b"damaged".to_vec()));
    };
    server.misbehaves(|_, _| None);
    damaged(&server);
    build(&project(), &server, &[PUSH]);
    assert_eq!(build(&project(), &server, &[]).0.ran, 0);
    // Records, and pages that say that all is well.
    server.misbehaves(move |asked, bytes| asked.is_get_of("actions").then(|| flipped(bytes)).flatten());
    costs_a_message(&server, &one, TASKS, &["is no record of its key", "the first of 5"]);
    server.misbehaves(|_, _| Some(Answer::with(200, b"<html>Welcome</html>")));
    costs_a_message(&server, &one, TASKS, &["is no record of its key"]);
    // A blob that is missing beside its record.
    server.misbehaves(|asked, _| asked.path.contains("/blobs/").then(|| Answer::of(404)));
    let (published, told) = build(&project(), &server, &[]);
    assert!(published.ran >= 2 && told.len() == 1, "{told:?}");
    assert!(told[0].contains("is not there, and a record names it"), "{told:?}");
}

#[test]
fn records_that_lie_are_no_results() {
    let (server, one) = warm();
    let changed = |change: &dyn Fn(&mut ActionRecord)| {
        for (path, bytes) in server.files().into_iter().filter(|(path, _)| path.contains("/actions/")) {
            let key: Digest = path.strip_prefix("/store/actions/").unwrap().replace('/', "").parse().unwrap();
            let mut record = ActionRecord::decode(&key, &bytes).unwrap();
            change(&mut record);
            server.put(&path, record.encode(&key));
        }
    };
    let good = server.files();
    changed(&|record| {
        for (name, bytes) in &mut record.inline {
            *bytes = b"no result".to_vec();
            record.outputs[name.as_str()] = Output::of(bytes);
        }
    });
    costs_a_message(&server, &one, TASKS, &["does not hold what its task gives"]);
    good.iter().for_each(|(path, bytes)| server.put(path, bytes.clone()));
    changed(&|record| record.inline.values_mut().for_each(|bytes| bytes[0] ^= 1));
    costs_a_message(&server, &one, TASKS, &["holds other bytes than it says"]);
    good.iter().for_each(|(path, bytes)| server.put(path, bytes.clone()));
    changed(&|record| {
        let mut notes: Json = record.meta.read().unwrap();
        notes["cause"]["revision"] = 77.into();
        record.meta = Notes::of(&notes);
    });
    costs_a_message(&server, &one, TASKS, &["is not of a task with this key"]);
    good.iter().for_each(|(path, bytes)| server.put(path, bytes.clone()));
    changed(&|record| {
        let huge = Output { digest: Digest::of(b"huge"), size: u64::MAX / 2 };
        record.outputs.insert("tables/huge".to_owned(), huge);
    });
    costs_a_message(&server, &one, TASKS, &["larger than they can be"]);
}

#[test]
fn a_server_that_answers_badly_costs_one_message() {
    let (mut server, one) = warm();
    server.misbehaves(|_, _| Some(Answer::of(500)));
    costs_a_message(&server, &one, TASKS, &["answers 500", "it is not asked any more"]);
    server.misbehaves(|_, _| Some(Answer::of(401)));
    costs_a_message(&server, &one, TASKS, &["does not let this machine read", "OCTAVO_STORE_TOKEN"]);
    // Cut off, without an end, and more than anybody waits for.
    server.misbehaves(|asked, bytes| {
        let bytes = bytes.filter(|_| asked.is_get_of("actions"))?;
        let cut = Answer::with(200, &bytes[..bytes.len() / 2]);
        Some(Answer { length: Some(bytes.len() as u64), ..cut })
    });
    costs_a_message(&server, &one, TASKS, &["is cut off"]);
    server.misbehaves(|_, _| Some(Answer { endless: true, ..Answer::of(200) }));
    costs_a_message(&server, &one, TASKS, &["is larger than it can be"]);
    server.misbehaves(|_, _| Some(Answer { length: Some(1 << 50), ..Answer::of(200) }));
    costs_a_message(&server, &one, TASKS, &["is larger than it can be"]);
    server.misbehaves(|_, _| Some(Answer { after: Duration::from_secs(60), ..Answer::of(404) }));
    costs_a_message(&server, &one, TASKS, &["took longer than 0.5 s to answer"]);
    server.address = "http://127.0.0.1:9/none".to_owned();
    costs_a_message(&server, &one, TASKS, &["cannot be asked"]);
}

#[test]
fn nothing_is_followed_elsewhere_and_what_passes_is_tried_again() {
    let (server, one) = warm();
    let elsewhere = Server::new();
    let to = elsewhere.address.clone();
    server.misbehaves(move |asked, _| {
        let headers = vec![("location", format!("{to}{}", asked.path))];
        Some(Answer { headers, ..Answer::of(302) })
    });
    costs_a_message(&server, &one, TASKS, &["sends elsewhere, to `127.0.0.1:", "is not followed"]);
    assert_eq!(elsewhere.asked("GET").len(), 0);
    // To another place of the same host it is followed, but not for ever.
    server.misbehaves(|asked, _| {
        let headers = vec![("location", asked.path.replacen("/old", "", 1))];
        asked.path.starts_with("/old").then(|| Answer { headers, ..Answer::of(307) })
    });
    let old = server.address.replace("/store", "/old/store");
    let moved = project().octavo(BUILD).env("OCTAVO_STORE_REMOTE", &old).run().exits(0);
    assert_eq!(moved.published().ran, 0);
    server.misbehaves(|asked, _| {
        let headers = vec![("location", asked.path.clone())];
        Some(Answer { headers, ..Answer::of(302) })
    });
    costs_a_message(&server, &one, TASKS, &["sends elsewhere again and again"]);
    // Every name is refused once.
    let refused = Mutex::new(std::collections::BTreeSet::new());
    server.misbehaves(move |asked, _| {
        refused.lock().unwrap().insert(asked.path.clone()).then(|| Answer::of(503))
    });
    let (published, told) = build(&project(), &server, &[]);
    assert_eq!((published.ran, told.len()), (0, 0), "{told:?}");
}

#[test]
fn a_server_of_webdav_has_its_folders_made() {
    let (server, one) = (Server::new(), project());
    let made = std::sync::Arc::new(Mutex::new(std::collections::BTreeSet::new()));
    let folders = std::sync::Arc::clone(&made);
    server.misbehaves(move |asked, _| {
        let folder = asked.path.rsplit_once('/').unwrap().0.to_owned();
        match asked.method.as_str() {
            "MKCOL" => {
                folders.lock().unwrap().insert(folder);
                Some(Answer::of(201))
            }
            "PUT" if !folders.lock().unwrap().contains(&folder) => Some(Answer::of(409)),
            _ => None,
        }
    });
    let (_, told) = build(&one, &server, &[PUSH]);
    assert_eq!(told, Vec::<String>::new());
    assert!(made.lock().unwrap().contains("/store/actions"));
    assert_eq!(build(&project(), &server, &[]).0.ran, 0);
}

#[test]
fn an_address_that_cannot_be_used_is_refused_and_shows_no_secret() {
    let place = project();
    let refused = |address: &str, token: &str| {
        let run = place.octavo(&["build"]).env("OCTAVO_STORE_REMOTE", address);
        run.env("OCTAVO_STORE_TOKEN", token).run().exits(2).says_nothing_of("sesame")
    };
    refused("http://me:sesame@127.0.0.1/x", "").says(&["remote-store", "holds a user name or password"]);
    refused("ftp://example.org", "").says(&["is no address of a store"]);
    refused("http://192.0.2.1/x", "sesame").says(&["where others can read it; use `https`"]);
    refused("http://127.0.0.1:9/x", "sesame\u{7f}\n\u{1}-1").says(&["characters that no request can have"]);
    if !octavo::remote::ENCRYPTED {
        let help = ["built without it", "--features https", "empty OCTAVO_STORE_REMOTE"];
        refused("https://example.org/x", "sesame").says(&help);
    }
    let bucket = |address: &str, name: &str, value: &str| {
        let run =
            place.octavo(&["build"]).env("OCTAVO_STORE_REMOTE", address).env("AWS_REGION", "eu-central-1");
        run.env(name, value).run().exits(2).says_nothing_of("sesame")
    };
    bucket("s3://sesame@bucket", "AWS_REGION", "eu").says(&["holds a user name or password"]);
    bucket("s3://bucket/a//b", "AWS_REGION", "eu")
        .says(&["is no bucket; write it as in `s3://bucket/prefix`"]);
    bucket("s3://bucket", "AWS_REGION", "").says(&["nothing says in which region"]);
    bucket("s3://bucket", "AWS_SECRET_ACCESS_KEY", "sesame").says(&["are needed together"]);
    if !octavo::remote::BUCKETS {
        bucket("s3://bucket", "AWS_REGION", "eu").says(&["built without them", "--features s3"]);
    }
    let nothing = place.octavo(&["build"]).env("OCTAVO_STORE_REMOTE", "http://127.0.0.1:9");
    nothing.env("OCTAVO_STORE_CA", "nothing.pem").run().exits(2).says(&["there is no file `nothing.pem`"]);
    place
        .octavo(&["build"])
        .env("OCTAVO_STORE_PUSH", "yes")
        .env("OCTAVO_STORE_REMOTE", "http://127.0.0.1:9")
        .run()
        .exits(2);
    let config = place.read("octavo.toml");
    place.write("octavo.toml", format!("{config}\n[store]\nremote = \"http://me:sesame@example.org\"\n"));
    place.octavo(&["check"]).run().exits(2).says(&["in `[store]`"]).says_nothing_of("sesame");
    place.write("octavo.toml", format!("{config}\n[store]\nremote = \"example.org\"\n"));
    place.octavo(&["check"]).run().exits(2).says(&["is no address of a store", "octavo.toml:"]);
    place.write("octavo.toml", format!("{config}\n[store]\nremote = \"s3://No/x\"\n"));
    place.octavo(&["check"]).run().exits(2).says(&["is no bucket", "octavo.toml:"]);
    for good in ["https://example.org", "s3://bucket/x"] {
        place.write("octavo.toml", format!("{config}\n[store]\nremote = \"{good}\"\n"));
        place.octavo(&["check"]).run().exits(0);
    }
    place.octavo(&["build"]).env("OCTAVO_STORE_REMOTE", "").run().exits(0).says_nothing_of("remote");
}

#[test]
fn a_bucket_is_a_store_like_others_and_its_requests_are_signed() {
    if !octavo::remote::BUCKETS {
        return;
    }
    let (server, one, other) = (Server::new(), project(), project());
    let endpoint = server.address.strip_suffix("/store").unwrap();
    let run = |place: &Place, push: &str, id: &str| {
        let run = place.octavo(BUILD).env("OCTAVO_STORE_REMOTE", "s3://store").env("OCTAVO_STORE_PUSH", push);
        let secret = if id.is_empty() { "" } else { "sesame-19" };
        let run = run.env("AWS_ENDPOINT_URL", endpoint).env("AWS_ACCESS_KEY_ID", id);
        let run = run.env("AWS_SECRET_ACCESS_KEY", secret).env("AWS_REGION", "eu-central-1");
        run.env("OCTAVO_STORE_TOKEN", "sesame-20").run().exits(0).says_nothing_of("sesame").published()
    };
    assert_eq!(run(&one, "1", "somebody").ran, TASKS);
    let asked: Vec<_> = ["GET", "HEAD", "PUT"].iter().flat_map(|method| server.asked(method)).collect();
    for one in &asked {
        let shown = &one.headers["authorization"];
        assert!(shown.starts_with("AWS4-HMAC-SHA256 Credential=somebody/"), "{shown}");
        assert!(
            shown.contains(
                "/eu-central-1/s3/aws4_request,SignedHeaders=host;x-amz-content-sha256;x-amz-date,"
            )
        );
        assert!(one.headers.values().all(|value| !value.contains("sesame")));
    }
    assert!(server.asked("PUT").iter().all(|put| put.headers["if-none-match"] == "*"));
    // What everybody may read is read without keys.
    assert_eq!(run(&other, "0", "").ran, 0);
    let last = server.asked("GET").pop().unwrap();
    assert!(!last.headers.contains_key("authorization"));
    assert_eq!(differences(&one.tree("site"), &other.tree("site")), "");
}

#[test]
fn a_slow_store_holds_up_no_task_and_tells_how_far_it_is() {
    let (server, place) = (
        Server::new(),
        Place::project(&[
            ("index.md", "# Home\n"),
            (
                "sweep.toml",
                "title = \"S\"\nanalysis = \"dragon\"\n[sweep]\nangle = { from = 60, to = 99, steps = 200 }\n[params]\nfolds = 2\n",
            ),
        ]),
    );
    // Two hundred answers of a third of a second, sixteen at a time, take more than the two seconds after which it is told.
    server.misbehaves(|asked, file| {
        let answer = file.map_or_else(|| Answer::of(404), |bytes| Answer::with(200, bytes));
        (asked.method == "GET").then(|| Answer { after: Duration::from_millis(300), ..answer })
    });
    let done = with(&place, &server, BUILD, &[]).exits(0);
    assert_eq!(done.published().ran, 200);
    let lines = done.lines();
    let told: Vec<_> = lines.iter().filter(|line| line["event"] == "fetching").collect();
    assert!(!told.is_empty());
    for line in &told {
        let (asked, of) = (line["asked"].as_u64().unwrap(), line["of"].as_u64().unwrap());
        assert!(of == 200 && (64..=200).contains(&asked), "{line}");
    }
    // What was not there is not asked for once more when its task begins.
    assert_eq!(server.asked("GET").len(), 200);
}
