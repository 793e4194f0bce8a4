// Shows what changes while somebody writes. `octavo serve` adds it to pages on their way to the browser; no published page has it.
(function () {
  "use strict";
  var own = document.currentScript, key = "octavo-place", events = null, fetching = false, again = false;
  var version = Number(own.dataset.version), route = own.dataset.route, missing = own.hasAttribute("data-missing");

  // The parts of a page: children of its body as they were served, and what its head asks for.
  function parts(from) {
    return [].filter.call(from.body.children, function (e) { return !e.hasAttribute("data-octavo"); });
  }
  function scripts(from) {
    return [].map.call(from.querySelectorAll("script:not([data-octavo])"), function (e) { return e.outerHTML; }).join("\n");
  }
  function html(elements) { return elements.map(function (e) { return e.outerHTML; }); }
  var shown = parts(document), served = html(shown), servedScripts = scripts(document);

  // The place of a reader: the last heading above the upper edge of the window, and those before it, should it go.
  function headings() { return [].slice.call(document.querySelectorAll("main :is(h1, h2, h3, h4, h5, h6)")); }
  function top(e) { return e.getBoundingClientRect().top; }
  function place() {
    var above = scrollY > 0 ? headings().filter(function (e) { return top(e) <= 120; }) : [];
    return above.reverse().slice(0, 20).map(function (e) { return { id: e.id, text: e.textContent, top: top(e) }; });
  }
  function back(to) {
    var all = headings(), kept = to.some(function (was, index) {
      var found = all.find(function (e) { return e.id && e.id === was.id; }) || all.find(function (e) { return e.textContent === was.text; });
      // A heading that took the place of the one that is gone stands after the one before it.
      if (found && index > 0) { found = all[all.indexOf(found) + 1] || found; was = to[0]; }
      if (found) { scrollBy({ top: top(found) - was.top, behavior: "instant" }); }
      return found;
    });
    // Where no heading above is as it was, such as below a title that somebody changes, the first one is what the first one was.
    if (!kept && to.length && all.length) { scrollBy({ top: top(all[0]) - to[to.length - 1].top, behavior: "instant" }); }
  }
  // What a reader wrote into the field of the search, which a page that is loaded anew would have empty.
  function field() { return document.querySelector("input[type=search]"); }
  function opened(within) {
    return [].filter.call(within.querySelectorAll("details"), function (e) { return e.open; })
      .map(function (e) { return e.querySelector("summary") ? e.querySelector("summary").textContent : ""; });
  }

  function reload() {
    var search = field();
    var kept = { path: location.pathname, place: place(), words: search ? search.value : "", focus: !!search && search === document.activeElement };
    // A page that stands in for one that is not made yet, as after a start, has no place; the one before it had.
    var inPlace = headings().length > 0;
    try {
      if (inPlace || !sessionStorage.getItem(key)) { sessionStorage.setItem(key, JSON.stringify(kept)); }
    } catch (e) { /* private windows refuse */ }
    // The browser would scroll to where the page was, in pixels.
    history.scrollRestoration = "manual";
    location.reload();
  }
  function restore() {
    try {
      var kept = JSON.parse(sessionStorage.getItem(key));
      if (headings().length) { sessionStorage.removeItem(key); }
      if (!kept || kept.path !== location.pathname) { return; }
      if (kept.words && field()) {
        addEventListener("load", function () {
          field().value = kept.words;
          if (kept.focus) { field().focus({ preventScroll: true }); }
          field().dispatchEvent(new Event("input", { bubbles: true }));
        });
      }
      if (kept.place.length) {
        back(kept.place);
        addEventListener("load", function () { back(kept.place); });
        addEventListener("pageshow", function () { setTimeout(function () { history.scrollRestoration = "auto"; }, 0); });
      }
    } catch (e) { /* then the browser keeps the place as well as it can */ }
  }

  // Takes over what another form of this page has, without loading it anew where that suffices.
  function take(text) {
    var next = new DOMParser().parseFromString(text, "text/html"), mark = next.querySelector("script[data-octavo]");
    var fresh = parts(next), now = html(fresh);
    var changed = now.map(function (part, index) { return index; }).filter(function (index) { return now[index] !== served[index]; });
    var simple = mark && mark.dataset.route === route && now.length === served.length && scripts(next) === servedScripts &&
      changed.every(function (index) {
        return shown[index].querySelector("main") && fresh[index].querySelector("main") && !fresh[index].querySelector("script");
      });
    if (!simple) { reload(); return; }
    version = Number(mark.dataset.version);
    var kept = place();
    if (document.title !== next.title) { document.title = next.title; }
    [].forEach.call(next.head.querySelectorAll("link[rel=stylesheet]"), function (link) {
      var href = link.getAttribute("href");
      var there = [].some.call(document.head.querySelectorAll("link[rel=stylesheet]"), function (e) { return e.getAttribute("href") === href; });
      if (!there) { document.head.appendChild(document.importNode(link)); }
    });
    changed.forEach(function (index) {
      var open = opened(shown[index]), put = document.adoptNode(fresh[index]);
      [].forEach.call(put.querySelectorAll("details"), function (e) {
        var summary = e.querySelector("summary");
        if (summary && open.indexOf(summary.textContent) >= 0) { e.open = true; }
      });
      shown[index].replaceWith(put);
      shown[index] = put;
    });
    served = now;
    if (changed.length) { back(kept); }
    dispatchEvent(new CustomEvent("octavo-served", { detail: version }));
  }
  function refresh() {
    if (fetching) { again = true; return; }
    fetching = true;
    fetch(location.pathname + location.search, { cache: "no-store" }).then(function (answer) {
      if (answer.ok === missing || answer.redirected) { reload(); return null; }
      return answer.text().then(take);
    }).catch(function () { /* the server is gone; what it says when it is back comes with a number */ }).then(function () {
      fetching = false;
      if (again) { again = false; refresh(); }
    });
  }
  // Whether the page shows a file that is no page.
  function uses(file) {
    var end = "/" + encodeURI(file);
    return [].some.call(document.querySelectorAll("[src], link[href], object[data]"), function (e) {
      return new URL(e.src || e.href || e.data || "", location.href).pathname.endsWith(end);
    });
  }
  function site(news) {
    if (news.routes === null) { version = news.version; reload(); return; }
    if (missing || news.routes.indexOf(route) >= 0) { version = news.version; refresh(); return; }
    version = news.version;
    if (news.routes.some(function (file) { return !file.endsWith(".html") && uses(file); })) { reload(); }
  }

  // What lies over the page: problems, and what is being computed. Styles of the site do not reach it.
  var over = document.createElement("octavo-serve"), root = over.attachShadow({ mode: "open" }), style = document.createElement("style");
  style.textContent = ":host{all:initial;font:15px/1.45 system-ui,sans-serif;color-scheme:light dark}" +
    "[hidden]{display:none!important}" +
    ".problems{position:fixed;inset:auto 0 0 0;max-height:70vh;overflow:auto;z-index:2147483647;background:light-dark(#fff5f5,#2b1416);" +
    "color:light-dark(#2a0a0a,#f6e3e3);border-top:3px solid light-dark(#b3261e,#f2b8b5);padding:.9rem 1.2rem;box-shadow:0 -4px 24px #0006}" +
    ".problems p,.problems ol{margin:.2rem 0;padding:0;list-style:none}.problems li{margin:.7rem 0}" +
    ".place,.code{font:13px/1.5 ui-monospace,monospace;overflow-wrap:anywhere}.message{font-weight:600;white-space:pre-wrap}.help{white-space:pre-wrap}" +
    ".progress{position:fixed;right:1rem;top:1rem;z-index:2147483646;background:light-dark(#fff,#222);color:light-dark(#222,#eee);" +
    "border:1px solid light-dark(#bbb,#555);border-radius:6px;padding:.5rem .8rem;max-width:24rem;box-shadow:0 2px 10px #0003}" +
    "progress{display:block;width:14rem;margin-top:.3rem}@media print{:host{display:none}}";
  var problems = document.createElement("div"), computing = document.createElement("div");
  problems.className = "problems"; problems.setAttribute("role", "alert"); problems.hidden = true;
  computing.className = "progress"; computing.setAttribute("role", "status"); computing.hidden = true;
  root.append(style, problems, computing);
  over.setAttribute("data-octavo", "");
  document.documentElement.appendChild(over);

  function line(kind, text) {
    var p = document.createElement("p");
    p.className = kind; p.textContent = text;
    return p;
  }
  function tell(list) {
    problems.hidden = !list.length;
    problems.textContent = "";
    if (!list.length) { return; }
    problems.append(line("", (list.length === 1 ? "1 error" : list.length + " errors") + "; this is the last good page"));
    var ol = document.createElement("ol");
    list.forEach(function (problem) {
      var li = document.createElement("li"), at = problem.place;
      li.append(line("message", problem.message));
      li.append(line("place", (at ? at.file + ":" + at.line + ":" + at.column + "  " : "") + "[" + problem.code + "]"));
      if (problem.help) { li.append(line("help", problem.help)); }
      ol.append(li);
    });
    problems.append(ol);
  }
  function compute(state) {
    computing.hidden = !state;
    computing.textContent = "";
    if (!state) { return; }
    var bar = document.createElement("progress");
    bar.max = state.total; bar.value = state.done + (state.part || 0);
    computing.append(line("", "Computing " + (state.total - state.done) + " of " + state.total + (state.task ? ": " + state.task : "")), bar);
  }

  function connect() {
    if (events) { return; }
    events = new EventSource("/.octavo/events?since=" + version);
    events.addEventListener("site", function (e) { site(JSON.parse(e.data)); });
    events.addEventListener("problems", function (e) { tell(JSON.parse(e.data)); });
    events.addEventListener("progress", function (e) { compute(JSON.parse(e.data)); });
    events.onerror = function () { disconnect(); setTimeout(function () { if (!document.hidden) { connect(); } }, 1000); };
  }
  function disconnect() { if (events) { events.close(); events = null; } }
  // A browser has few connections to a host: pages that nobody sees leave theirs to others, and learn what they missed when they are seen.
  document.addEventListener("visibilitychange", function () { if (document.hidden) { disconnect(); } else { connect(); } });
  addEventListener("pagehide", disconnect);
  addEventListener("pageshow", function (e) { if (e.persisted) { connect(); } });
  restore();
  if (!document.hidden) { connect(); }
})();
