// Computes a figure again where it is read, and compares digests with the published ones (docs/lab.md). It is loaded with the first click.
(function () {
  "use strict";
  // From here the other files are found: modules are named by their analyses.
  var folder = document.currentScript.src.replace(/assets\/[^/]*$/, "lab/");
  // A task that takes longer than this is given up, in minutes.
  var MOST = 30;
  var words = {}, tasks = {}, modules = {}, loaded = {}, figures = {}, language = "";

  // Runs in the worker: its text is all that is handed over, so it uses nothing of what stands around it.
  function work() {
    var module;
    function compute(ask) {
      var last = 0;
      var told = function (done, total) {
        var now = performance.now();
        if (now - last > 100) { last = now; postMessage({ done: done, total: total }); }
      };
      return WebAssembly.instantiate(module, { octavo: { octavo_progress: told } }).then(function (instance) {
        var own = instance.exports, bytes = ask, start = performance.now(), answer;
        var told = function () { return new Uint8Array(own.memory.buffer, own.octavo_text(), own.octavo_length()); };
        var text = function () { return new TextDecoder().decode(told()); };
        // The call may move the memory, so it comes first.
        var place = own.octavo_room(bytes.length);
        new Uint8Array(own.memory.buffer, place, bytes.length).set(bytes);
        try {
          own.octavo_run();
          // A line of JSON, and perhaps bytes behind it.
          var all = told(), end = all.indexOf(10);
          answer = JSON.parse(end < 0 ? text() : new TextDecoder().decode(all.subarray(0, end)));
          if (end >= 0) answer.bytes = all.slice(end + 1);
        } catch (error) {
          answer = own.memory.buffer.byteLength > 0xF000000 ? { full: true } : { failed: text() || String(error) };
        }
        answer.ms = performance.now() - start;
        postMessage({ answer: answer });
      });
    }
    onmessage = function (event) {
      var message = event.data, ready = message.module
        ? WebAssembly.compile(message.module).then(function (made) { module = made; postMessage({ ready: true }); })
        : new Blob(message.ask).arrayBuffer().then(function (bytes) { return compute(new Uint8Array(bytes)); });
      ready.catch(function (error) { postMessage({ answer: { failed: String(error) } }); });
    };
  }

  function load(url) {
    if (!loaded[url]) {
      loaded[url] = new Promise(function (good, bad) {
        var script = document.createElement("script");
        script.src = url;
        script.onload = function () { good(); };
        script.onerror = function () { delete loaded[url]; bad(new Error(words.load || url)); };
        document.head.appendChild(script);
      });
    }
    return loaded[url];
  }

  function unpacked(text) {
    var letters = atob(text), bytes = new Uint8Array(letters.length);
    for (var i = 0; i < letters.length; i++) bytes[i] = letters.charCodeAt(i);
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
  }

  function say(key, gaps) {
    return (words[key] || key).replace(/\{(\w+)\}/g, function (_, name) { return gaps[name]; });
  }

  function seconds(ms) {
    var s = ms / 1000;
    return (s < 10 ? s.toFixed(s < .1 ? 2 : 1) : Math.round(s).toString()).replace(".", words.decimal || ".");
  }

  function add(parent, name, text, kind) {
    var element = document.createElement(name);
    if (text) element.textContent = text;
    if (kind) element.className = kind;
    parent.appendChild(element);
    return element;
  }

  // What stands below the row of a figure: one polite status, what goes on, and the list of differences.
  function panel(button) {
    var row = button.closest(".row"), old = row.parentNode.querySelector(".again");
    if (old) return old.own;
    var box = document.createElement("div"), own = { box: box };
    box.className = "lab again";
    own.said = add(box, "p", "", "said");
    own.said.setAttribute("role", "status");
    own.now = add(box, "div", "", "now");
    own.now.hidden = true;
    own.bar = add(own.now, "progress");
    own.bar.max = 1;
    own.text = add(own.now, "span");
    own.stop = add(own.now, "button", words.stop);
    own.stop.type = "button";
    own.list = add(box, "ul");
    own.list.hidden = true;
    row.parentNode.insertBefore(box, row.nextSibling);
    box.own = own;
    return own;
  }

  // A worker with a module in it, that is asked one task after the other.
  function Bench(bytes) {
    var url = URL.createObjectURL(new Blob(["(" + work + ")()"], { type: "text/javascript" }));
    var worker = new Worker(url), waiting;
    this.worker = worker;
    this.ask = function (message, moved, progress) {
      return new Promise(function (good) {
        waiting = function (told) { if (told.total !== undefined) progress(told); else good(told.answer || told); };
        worker.postMessage(message, moved);
      });
    };
    worker.onmessage = function (event) { waiting(event.data); };
    worker.onerror = function (event) { waiting({ answer: { failed: event.message || "Worker" } }); };
    this.ready = this.ask({ module: bytes }, [bytes], function () {});
    this.end = function () { worker.terminate(); URL.revokeObjectURL(url); };
  }

  function differences(task, answer) {
    var published = task[2], here = answer.done.artifacts, list = [];
    Object.keys(Object.assign({}, published, here)).forEach(function (name) {
      if (published[name] !== here[name]) {
        var short = function (digest) { return digest ? digest.slice(0, 12) : words.nothing; };
        list.push(say("differs", { task: task[0], artifact: name, here: short(here[name]), published: short(published[name]) }));
      }
    });
    return list;
  }

  // One run over all tasks of a figure.
  function Run(button, own, all) {
    var bench, limit, stopped = false, started = performance.now(), done = 0, computed = 0, different = 0, inTask = 0;
    var self = this, lines = [];
    function elapsed() { return performance.now() - started; }
    function show() {
      var part = (done + inTask) / all.length, ms = elapsed();
      var text = say("running", { task: Math.min(done + 1, all.length), tasks: all.length, seconds: seconds(ms) });
      // Before that, an estimate is none.
      if (ms > 3000 && part > .02) text += say("left", { seconds: seconds(Math.max(1000, ms / part - ms)) });
      own.text.textContent = text;
      own.bar.value = part;
    }
    var clock = setInterval(show, 250);
    function end(text) {
      if (stopped) return;
      stopped = true;
      clearInterval(clock);
      clearTimeout(limit);
      if (bench) bench.end();
      var focused = own.now.contains(document.activeElement);
      own.now.hidden = true;
      button.disabled = false;
      // Who used the keyboard is not thrown to the top of the page.
      if (focused) button.focus();
      own.said.textContent = text;
      own.said.className = "said " + (different ? "differs" : done === all.length ? "same" : "other");
      lines.slice(0, 20).forEach(function (line) { add(own.list, "li", line); });
      own.list.hidden = !lines.length;
    }
    this.stop = function () { end(say(done && !different ? "stopped-same" : "stopped", { done: done, tasks: all.length })); };
    function verdict() {
      var one = all.length === 1 ? "-one" : "";
      end(say((different ? "differ" : "same") + one, { count: different, tasks: all.length, seconds: seconds(computed) }));
    }
    function task() {
      if (stopped) return undefined;
      if (done === all.length) return verdict();
      var next = all[done];
      inTask = 0;
      limit = setTimeout(function () { end(say("failed", { why: say("time", { minutes: MOST }) })); }, MOST * 60000);
      return bench.ask({ ask: [next.task[1]] }, [], function (told) { inTask = told.total > 0 ? Math.min(1, told.done / told.total) : 0; }).then(function (answer) {
        clearTimeout(limit);
        if (stopped) return undefined;
        if (!answer.done) return end(say("failed", { why: answer.full ? words.memory : answer.failed }));
        computed += answer.ms;
        var own = differences(next.task, answer);
        lines = lines.concat(own);
        different += own.length ? 1 : 0;
        done += 1;
        // The next may be of another module.
        return done < all.length && all[done].module !== next.module ? open().then(task) : task();
      });
    }
    function open() {
      var name = all[done].module;
      if (bench) bench.end();
      return bytesOf(name).then(function (bytes) {
        if (stopped) return undefined;
        bench = new Bench(bytes);
        return bench.ready.then(function (told) {
          if (told.failed) throw new Error(told.failed);
          if (!stopped) own.said.textContent = "";
        });
      });
    }
    own.run = self;
    own.stop.onclick = self.stop;
    show();
    open().then(task).catch(function (error) { end(say("failed", { why: error.message })); });
  }

  function start(button, own, all) {
    button.disabled = true;
    own.list.textContent = "";
    own.list.hidden = true;
    own.said.className = "said";
    own.said.textContent = words.loading;
    own.now.hidden = false;
    own.bar.setAttribute("aria-label", words.recompute);
    own.stop.textContent = words.stop;
    var focused = document.activeElement === button || document.activeElement === document.body;
    if (focused) own.stop.focus();
    new Run(button, own, all);
  }

  // The tasks of an experiment, whose id is its place below their folder.
  function of(url) {
    return tasks[decodeURIComponent(new URL(url, location.href).href.split("/lab/tasks/").pop().replace(/\.js$/, ""))];
  }

  function bytesOf(name) {
    return load(folder + name + ".js").then(function () { return unpacked(modules[name]); });
  }

  function click(button) {
    function failed(error) { panel(button).said.textContent = words.failed ? say("failed", { why: error.message }) : error.message; }
    if (button.dataset.turn) {
      load(button.dataset.words).then(function () { return load(button.dataset.turn); }).then(function () { window.octavoLab.turn(button); }).catch(failed);
      return;
    }
    var urls = button.dataset.tasks.split(" ");
    load(button.dataset.words).then(function () {
      return Promise.all(urls.map(load));
    }).then(function () {
      var own = panel(button), all = [], minutes = 0;
      urls.forEach(function (url) {
        var own = of(url);
        minutes = Math.max(minutes, own.minutes || 0);
        own.tasks.forEach(function (task) { all.push({ module: own.module, task: task }); });
      });
      if (!minutes || own.warned) return start(button, own, all);
      // A click more for what takes long.
      own.warned = true;
      own.said.className = "said";
      own.said.textContent = say("long", { minutes: minutes });
      button.textContent = words.start;
    }).catch(failed);
  }

  window.octavoLab = {
    click: click,
    words: function (own) { words = own; },
    tasks: function (id, own) { tasks[id] = own; },
    module: function (name, own) { modules[name] = own; },
    figure: function (name, own) { figures[name] = own; },
    language: function (own) { language = own; },
    // For knobs.js.
    kit: function () { return { words: words, figures: figures, language: language, load: load, of: of, bytes: bytesOf, Bench: Bench, add: add, say: say, seconds: seconds }; },
  };
})();
