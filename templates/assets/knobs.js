// Knobs of a figure: its experiment is computed again with a reader's setting, and the figure drawn again by the program's code (docs/lab.md).
// It is loaded with a click, after lab.js.
(function () {
  "use strict";
  // A run that takes longer than this is given up for a newer setting, in milliseconds.
  var BUDGET = 250;
  var kit, words, tag = document.documentElement.lang;

  function inLanguage(texts) { return texts[tag] || texts[Object.keys(texts)[0]] || ""; }

  // A round step of which a range has about two hundred.
  function round(range) {
    var raw = range / 200, power = Math.pow(10, Math.floor(Math.log10(raw))), lead = raw / power;
    return Number(((lead < 1.5 ? 1 : lead < 3.5 ? 2 : lead < 7.5 ? 5 : 10) * power).toPrecision(6));
  }

  // A value that the control allows, or what it was.
  function allowed(control, value, old) {
    if (control.kind === "bool") return value === true || value === "true";
    if (control.kind === "choice") return control.words.indexOf(value) < 0 ? old : value;
    if (control.kind === "text") return String(value);
    value = Number(value);
    if (!isFinite(value)) return old;
    if (control.whole) value = Math.round(value);
    if (control.min !== null && (value < control.min || (control.above && value === control.min))) value = control.above ? control.min + control.by : control.min;
    if (control.max !== null && (value > control.max || (control.below && value === control.max))) value = control.below ? control.max - control.by : control.max;
    return value;
  }

  // A value as readers see it: with the sign, the decimal mark and the words of their language.
  function worded(control, value) {
    if (typeof value === "boolean") return words[value ? "yes" : "no"];
    if (typeof value !== "number") return value || "–";
    var text = String(value).replace("-", "−").replace(".", words.decimal), unit = control.unit;
    return text + (unit ? (unit === "°" ? "" : "\u00a0") + unit : "");
  }

  // The elements of a control; `changed` is told each new value. Gives what shows a value.
  function number(control, row, id, changed) {
    var bounded = control.min !== null && control.max !== null, slider, ends = [control.min, control.max], parts = 400;
    control.by = control.step || (control.whole ? 1 : bounded ? round(control.max - control.min) : 1e-3);
    if (bounded) {
      slider = kit.add(row, "input");
      slider.type = "range";
      slider.setAttribute("aria-labelledby", id + "-name");
      slider.min = control.log ? 0 : control.above ? ends[0] + control.by : ends[0];
      slider.max = control.log ? parts : ends[1];
      slider.step = control.log ? 1 : control.by;
      slider.oninput = function () {
        var value = Number(slider.value);
        if (control.log) value = Number((ends[0] * Math.pow(ends[1] / ends[0], value / parts)).toPrecision(3));
        changed(value);
      };
    }
    var value = kit.add(row, "span", "", "value"), field = kit.add(value, "input");
    field.type = "number";
    field.id = id;
    field.step = control.whole ? control.by : "any";
    ["min", "max"].forEach(function (end) { if (control[end] !== null) field[end] = control[end]; });
    field.onchange = function () { changed(field.value === "" ? control.value : field.value); };
    if (control.unit) kit.add(value, "span", control.unit);
    return function (now) {
      field.value = now;
      if (!slider) return;
      slider.value = control.log ? Math.round(parts * Math.log(now / ends[0]) / Math.log(ends[1] / ends[0])) : now;
      slider.setAttribute("aria-valuetext", worded(control, now));
    };
  }

  function other(control, row, id, changed) {
    var choice = control.kind === "choice", field = kit.add(row, choice ? "select" : "input", "", control.kind === "bool" ? "" : "long");
    field.id = id;
    if (choice) control.words.forEach(function (word) { kit.add(field, "option", word).value = word; });
    else field.type = control.kind === "bool" ? "checkbox" : "text";
    field.onchange = function () { changed(control.kind === "bool" ? field.checked : field.value); };
    return function (now) { if (control.kind === "bool") field.checked = now; else field.value = now; };
  }

  function Panel(button, own, work, modules) {
    var figure = button.closest("figure"), plots = [].slice.call(figure.querySelectorAll(".plot"));
    var before = plots.map(function (plot) { return [plot.firstElementChild, plot.querySelector(".phone").innerHTML]; });
    var now = {}, show = {}, drawn, run = 0, running = false, again = false, clock, started, quiet, bench = null, pen = null;

    var row = button.closest(".row"), box = document.createElement("div"), self = this;
    box.className = "lab knobs";
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", words.knobs);
    own.controls.forEach(function (control, index) {
      var id = figure.id + "-knob-" + index, line = kit.add(box, "div", "", "knob"), label = kit.add(line, "label", inLanguage(control.label));
      label.htmlFor = id;
      label.id = id + "-name";
      show[control.param] = (control.kind === "number" ? number : other)(control, line, id, function (value) {
        set(control, value);
        changed();
      });
      var about = inLanguage(control.about);
      if (about) { kit.add(line, "small", about).id = id + "-about"; line.querySelectorAll("input, select").forEach(function (field) { field.setAttribute("aria-describedby", id + "-about"); }); }
    });
    var note = kit.add(box, "p", words.own, "own"), said = kit.add(box, "p", "", "said"), going = kit.add(box, "div", "", "now");
    said.setAttribute("role", "status");
    var bar = kit.add(going, "progress"), text = kit.add(going, "span"), stop = kit.add(going, "button", words.stop);
    bar.max = 1;
    bar.setAttribute("aria-label", words.recompute);
    stop.type = "button";
    stop.onclick = function () { cancel(); ended(kit.say("stopped", { done: bar.done, tasks: work.tasks.length })); };
    going.hidden = true;
    var judging = kit.add(box, "div"), act = kit.add(box, "div", "", "do"), back = kit.add(act, "button", words.back), copy = kit.add(act, "button", words.copy), area;
    judging.hidden = true;
    kit.add(judging, "p", words.claims);
    var list = kit.add(judging, "ul");
    back.type = copy.type = "button";
    back.onclick = function () { own.controls.forEach(function (control) { set(control, control.value); }); changed(); focusFirst(); };
    copy.onclick = copied;
    row.parentNode.insertBefore(box, row.nextSibling);

    function focusFirst() { var field = box.querySelector("input, select"); if (field) field.focus(); }
    this.focus = focusFirst;

    function set(control, value) {
      now[control.param] = allowed(control, value, now[control.param] === undefined ? control.value : now[control.param]);
      show[control.param](now[control.param]);
    }
    function turned() { return own.controls.filter(function (control) { return now[control.param] !== control.value; }); }
    function setting() {
      return own.controls.map(function (control) { return inLanguage(control.label) + " = " + worded(control, now[control.param]); }).join("; ");
    }
    // Whose setting the drawing shows: after a turn that was stopped, or could not be drawn, it is still the one before.
    function tell() {
      var is = setting();
      note.textContent = drawn === is ? words.own : kit.say("still", { setting: drawn });
      note.className = drawn === is ? "own" : "own still";
      note.hidden = drawn === is && !turned().length;
    }

    // Speaks once a reader rests, and not at every step of a slider.
    function speak(text, kind) {
      clearTimeout(quiet);
      quiet = setTimeout(function () { said.textContent = text; said.className = "said " + (kind || ""); }, 400);
    }

    function address() {
      var query = turned().map(function (control) { return encodeURIComponent(control.param) + "=" + encodeURIComponent(now[control.param]); }).join("&");
      try { history.replaceState(null, "", "#" + figure.id + (query ? "?" + query : "")); } catch (e) { /* the setting stays on the page */ }
    }

    function changed() {
      address();
      if (area) { area.remove(); area = null; }
      var is = turned().length > 0;
      if (back === document.activeElement && !is) focusFirst();
      back.hidden = !is;
      if (!is) { cancel(); return published(); }
      if (!running) return go();
      again = true;
      if (performance.now() - started > BUDGET) { cancel(); go(); }
    }

    function place(frames) {
      plots.forEach(function (plot, index) {
        var made = document.createElement("template");
        made.innerHTML = frames[index][0];
        plot.replaceChild(made.content.firstElementChild, plot.firstElementChild);
        plot.querySelector(".phone").innerHTML = frames[index][1];
      });
    }

    function published() {
      plots.forEach(function (plot, index) {
        plot.replaceChild(before[index][0], plot.firstElementChild);
        plot.querySelector(".phone").innerHTML = before[index][1];
      });
      figure.classList.remove("turned");
      judging.hidden = true;
      rest();
      drawn = setting();
      tell();
      speak(kit.say("published", { setting: setting() }));
    }

    // Ends what runs: a module cannot be asked to stop.
    function cancel() {
      run += 1;
      if (!running) return;
      running = again = false;
      clearInterval(clock);
      [bench, pen].forEach(function (one) { if (one) one.end(); });
      bench = pen = null;
    }

    function opened(old, bytes) {
      if (old) return Promise.resolve(old);
      var made = new kit.Bench(bytes.slice(0));
      return made.ready.then(function (told) {
        if (told.failed) throw new Error(told.failed);
        return made;
      });
    }

    // Who used the keyboard is not thrown to the top of the page by what hides.
    function rest() {
      if (going.contains(document.activeElement)) focusFirst();
      going.hidden = true;
    }

    function ended(text, kind) {
      running = false;
      clearInterval(clock);
      rest();
      tell();
      speak(text, kind);
      if (again) { again = false; go(); }
    }

    function go() {
      // Until it is drawn, the reader may have turned on.
      var mine = run += 1, asked = setting(), wish = { set: {}, give: work.give }, lengths = [], parts = [], step = 0;
      turned().forEach(function (control) { wish.set[control.param] = now[control.param]; });
      wish = "\n" + JSON.stringify(wish);
      running = true;
      bar.done = 0;
      started = performance.now();
      clock = setInterval(function () {
        var ms = performance.now() - started;
        if (ms < 600) return;
        going.hidden = false;
        bar.value = (bar.done + step) / work.tasks.length;
        text.textContent = kit.say("running", { task: Math.min(bar.done + 1, work.tasks.length), tasks: work.tasks.length, seconds: kit.seconds(ms) });
        // A newer setting waits no longer.
        if (again) { cancel(); go(); }
      }, BUDGET);
      function stale() { return mine !== run; }
      function fail(why) { if (!stale()) ended(kit.say("not-drawn", { why: why }), "differs"); }
      function task() {
        if (stale()) return undefined;
        if (bar.done === work.tasks.length) return draw();
        step = 0;
        return bench.ask({ ask: [work.tasks[bar.done][1], wish] }, [], function (told) { step = told.total > 0 ? told.done / told.total : 0; }).then(function (answer) {
          if (stale()) return undefined;
          if (!answer.done) return fail(answer.full ? words.memory : answer.failed);
          lengths.push(answer.done.given);
          parts.push(answer.bytes);
          bar.done += 1;
          return task();
        });
      }
      function draw() {
        return opened(pen, modules[1]).then(function (made) {
          if (stale()) { if (made !== pen) made.end(); return undefined; }
          pen = made;
          return pen.ask({ ask: ["\"figure\"\n", own.definition, "\n", kit.language, "\n", JSON.stringify(lengths), "\n"].concat(parts) }, [], function () {});
        }).then(function (answer) {
          if (stale()) return;
          if (!answer.drawn) { fail(answer.full ? words.memory : answer.failed); return; }
          if (answer.drawn.frames.length !== plots.length) { fail(words.frames); return; }
          place(answer.drawn.frames.map(function (frame) { return frame.slice(1); }));
          figure.classList.add("turned");
          judged(answer.drawn.claims);
          drawn = asked;
          ended(kit.say("redrawn", { setting: drawn, seconds: kit.seconds(performance.now() - started) }));
        });
      }
      opened(bench, modules[0]).then(function (made) {
        if (stale()) { if (made !== bench) made.end(); return undefined; }
        bench = made;
        return task();
      }).catch(function (error) { fail(error.message); });
    }

    function judged(claims) {
      list.textContent = "";
      Object.keys(claims).forEach(function (name) {
        var item = kit.add(list, "li");
        // The program wrote it as safe HTML.
        item.innerHTML = inLanguage(own.claims[name]);
        item.appendChild(document.createTextNode(" "));
        kit.add(item, "strong", words[claims[name]]);
      });
      judging.hidden = !list.children.length;
    }

    function literal(value) { return typeof value === "string" ? JSON.stringify(value) : String(value); }
    function copied() {
      var sets = turned().map(function (control) { return " --set " + control.param + "=" + literal(now[control.param]); }).join("");
      var toml = own.toml ? own.toml.map(function (part) { return typeof part === "number" ? literal(now[own.controls[part].param]) : part; }).join("") : "# octavo run " + own.file + sets + "\n";
      function byHand() {
        if (!area) area = kit.add(box, "textarea");
        area.readOnly = true;
        area.rows = 8;
        area.setAttribute("aria-label", words.definition);
        area.value = toml;
        area.focus();
        area.select();
      }
      if (!navigator.clipboard) { byHand(); return; }
      navigator.clipboard.writeText(toml).then(function () { speak(words.copied); }, byHand);
    }

    // What the address says of this figure.
    function addressed() {
      var parts = location.hash.slice(1).split("?");
      return decodeURIComponent(parts[0]) === figure.id ? new URLSearchParams(parts[1] || "") : null;
    }
    function follow(query) {
      own.controls.forEach(function (control) { set(control, control.value); if (query.has(control.param)) set(control, query.get(control.param)); });
      changed();
    }
    // The setting of the address, else the published one.
    this.start = function () {
      own.controls.forEach(function (control) { set(control, control.value); });
      drawn = setting();
      note.hidden = true;
      follow(addressed() || new URLSearchParams());
      self.focus();
      window.addEventListener("hashchange", function () {
        var query = addressed();
        if (query) { figure.scrollIntoView(); follow(query); }
      });
    };
  }

  window.octavoLab.turn = function (button) {
    kit = window.octavoLab.kit();
    words = kit.words;
    if (button.panel) { button.panel.focus(); return; }
    var said = document.createElement("p"), row = button.closest(".row");
    said.className = "lab";
    said.setAttribute("role", "status");
    row.parentNode.insertBefore(said, row.nextSibling);
    said.textContent = words.loading;
    button.disabled = true;
    Promise.all([button.dataset.figure, button.dataset.language, button.dataset.tasks].map(kit.load)).then(function () {
      kit = window.octavoLab.kit();
      var of = kit.of(button.dataset.tasks), names = {};
      of.tasks.forEach(function (task) { Object.keys(task[2]).forEach(function (name) { names[name] = true; }); });
      return Promise.all([kit.bytes(of.module), kit.bytes("figure")]).then(function (modules) {
        button.panel = new Panel(button, kit.figures[button.dataset.name], { tasks: of.tasks, give: Object.keys(names) }, modules);
        button.textContent = words.turn;
        said.remove();
        button.panel.start();
      });
    }).catch(function (error) { said.textContent = kit.say("failed", { why: error.message }); }).then(function () { button.disabled = false; });
  };
})();
