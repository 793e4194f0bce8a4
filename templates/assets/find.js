/* Search. Its files are scripts, which pages that are opened from a disk may load, too; src/search says what is in them. */
(function () {
  "use strict";
  const SHARED = 3, FIRST = 3, MORE = 10, STILL = 150, SILENT = 800;
  const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const GREEK = "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma sigma tau upsilon phi chi psi omega".split(" ");
  const APART = { "ß": "ss", "œ": "oe", "æ": "ae", "þ": "th", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i", "ς": "σ" };
  const ALONE = /[\u2e80-\u2fdf\u3041-\u30fa\u3400-\u9fff]/;
  const RUN = /[\p{Alphabetic}\p{M}\p{N}]+/gu;

  /* Words */

  const small = text => text.normalize("NFKC").toLowerCase();
  const greek = word => word.length === 1 ? GREEK[word.charCodeAt(0) - 0x3b1] : undefined;
  const fold = word => greek(word) || word.normalize("NFKD").replace(/\p{M}/gu, "").replace(/[ßœæþøłđðıς]/g, c => APART[c]);
  const isKept = word => /^\p{N}+$/u.test(word) ? /^[12]...$/.test(word) : word.length > 1 || greek(word);
  const words = text => (small(text).match(RUN) || [])
    .flatMap(run => ALONE.test(run) ? [...run].filter(c => ALONE.test(c)) : isKept(run) ? [run] : []).map(fold);

  /* Which pages a word is on: bits as src/search/bits.rs writes them */

  const reader = text => {
    let at = 0;
    const bit = () => LETTERS.indexOf(text[at / 6 | 0]) >> 5 - at++ % 6 & 1;
    const bits = count => { let number = 0; while (count-- > 0) number = number << 1 | bit(); return number; };
    const number = () => { let zeros = 0; while (at < text.length * 6 && !bit()) zeros++; return 1 << zeros | bits(zeros); };
    const list = (count, limit) => {
      const others = count > limit - count, written = others ? limit - count : count;
      const divisor = Math.floor(11 * limit / (16 * Math.max(1, written)));
      const low = divisor < 1 ? 0 : 31 - Math.clz32(divisor), numbers = [];
      for (let next = 0, n = 0; n < written; n++) {
        let high = 0;
        while (bit()) high++;
        next += high << low | bits(low);
        numbers.push(next++);
      }
      if (!others) return numbers;
      const left = new Set(numbers), all = [];
      for (let n = 0; n < limit; n++) if (!left.has(n)) all.push(n);
      return all;
    };
    return { number, list };
  };
  /* The pages of a group, each with 1, 2 or 3 for how much it is about the word. */
  const pagesOf = (group, limit) => {
    if (!group.pages) {
      const { number, list } = reader(group.bits), count = number(), pages = list(count, limit);
      const some = number() - 1, much = list(some, count), titles = some ? list(number() - 1, some) : [];
      group.pages = new Map(pages.map(page => [page, 1]));
      much.forEach(place => group.pages.set(pages[place], 2));
      titles.forEach(place => group.pages.set(pages[much[place]], 3));
    }
    return group.pages;
  };
  const groupsOf = text => {
    let before = "";
    return text.split(";").slice(0, -1).map(group => {
      const [forms, bits] = group.split(":"), read = [];
      for (const form of forms.split(",")) read.push((read[0] || before).slice(0, parseInt(form[0], 36)) + form.slice(1));
      before = read[0];
      return { forms: read, bits };
    });
  };

  /* Files */

  const loaded = {};
  window.octavoSearch = value => document.currentScript.octavo(value);
  const load = address => loaded[address] = loaded[address] || new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.octavo = resolve;
    script.onerror = () => { delete loaded[address]; script.remove(); reject(new Error(address)); };
    script.src = address;
    document.head.appendChild(script);
  });

  /* Questions */

  const shared = (one, other) => { let n = 0; while (n < one.length && one[n] === other[n]) n++; return n; };
  /* Groups that a word means: those that have it; of the last word also what it may become; of a word that no page has, its nearest. */
  const meant = (groups, word, whole) => {
    const exact = groups.filter(group => group.forms.includes(word)).map(group => [group, 1]);
    if (whole && exact.length) return exact;
    const longer = groups.filter(group => group.forms.some(form => form !== word && form.startsWith(word))).map(group => [group, 0.5]);
    if (exact.length + longer.length) return exact.concat(longer);
    let most = Math.max(SHARED + 1, Math.ceil(0.6 * word.length)), near = [];
    for (const group of groups) {
      const length = Math.max(...group.forms.map(form => form.length - shared(form, word) > 4 ? 0 : shared(form, word)));
      if (length > most) near = [];
      if (length >= most) { most = length; near.push([group, 0.3]); }
    }
    return near;
  };
  const chunksOf = (index, first, last) => index.chunks.filter((chunk, n) =>
    chunk[0] <= last && (n + 1 === index.chunks.length || index.chunks[n + 1][0] > first));
  const ask = async (folder, text) => {
    const asked = words(text), index = await load(folder + "index.js");
    const typing = /[\p{Alphabetic}\p{M}\p{N}]$/u.test(text);
    const found = new Map(), hits = [];
    await Promise.all(asked.map(async (word, n) => {
      const whole = n + 1 < asked.length || !typing, first = word.slice(0, SHARED);
      const needed = chunksOf(index, first, whole && word.length < SHARED ? first : first + "\uffff");
      const texts = await Promise.all(needed.map(chunk => load(folder + chunk[1] + ".js?" + chunk[2])));
      const groups = meant(texts.flatMap(text => groupsOf(text)), word, whole), best = new Map();
      for (const [group, near] of groups) {
        const pages = pagesOf(group, index.pages), rare = Math.log(1 + index.pages / pages.size);
        pages.forEach((weight, page) => best.set(page, Math.max(best.get(page) || 0, near * rare * [0, 1, 3, 8][weight])));
      }
      best.forEach((score, page) => {
        const [count, sum] = found.get(page) || [0, 0];
        found.set(page, [count + 1, sum + score]);
      });
      const forms = new Set(groups.flatMap(([group]) => group.forms));
      hits.push(form => forms.has(form));
    }));
    const most = Math.max(...[...found.values()].map(([count]) => count));
    const pages = [...found].filter(([, [count]]) => count === most).sort((one, other) => other[1][1] - one[1][1] || one[0] - other[0]);
    return { pages: pages.map(([page]) => page), hits, of: index.of };
  };

  /* Results */

  const element = (name, parent, text) => {
    const made = document.createElement(name);
    if (text) made.textContent = text;
    return parent.appendChild(made);
  };
  /* Places of words that were asked for, and which of the asked ones these are. */
  const places = (text, hits) => {
    const found = [];
    for (const run of text.matchAll(RUN)) {
      const form = fold(small(run[0]));
      const which = hits.findIndex(hit => hit(form) || (ALONE.test(run[0]) && [...form].some(hit)));
      if (which >= 0) found.push([run.index, run.index + run[0].length, which]);
    }
    return found;
  };
  const marked = (parent, text, found, from, to) => {
    let at = from;
    for (const [start, end] of found.filter(([start, end]) => start >= from && end <= to)) {
      parent.append(text.slice(at, start));
      element("mark", parent, text.slice(start, end));
      at = end;
    }
    parent.append(text.slice(at, to));
  };
  /* Words around the place where most of the asked ones stand. */
  const context = (parent, text, found) => {
    const near = ([start]) => new Set(found.filter(([from]) => from >= start && from < start + 160).map(one => one[2])).size;
    const best = found.reduce((best, one) => near(one) > near(best) ? one : best, found[0]);
    let from = Math.max(0, best[0] - 60), to = Math.min(text.length, best[0] + 180);
    if (from > 0) from = Math.min(best[0], text.indexOf(" ", from) + 1 || from);
    if (to < text.length) to = Math.max(best[1], text.lastIndexOf(" ", to));
    const paragraph = element("p", parent);
    if (from > 0) paragraph.append("… ");
    marked(paragraph, text, found, from, to);
    if (to < text.length) paragraph.append(" …");
  };
  const show = (parent, root, [title, route, sections], hits) => {
    const result = element("article", parent), heading = element("h2", result), link = element("a", heading);
    link.href = root + route;
    marked(link, title, places(title, hits), 0, title.length);
    const scored = sections.map(([id, name, text]) => {
      const above = places(name, hits), below = places(text, hits);
      return { id, name, text, above, below, score: 2 * new Set(above.map(one => one[2])).size + new Set(below.map(one => one[2])).size };
    });
    scored.filter(one => one.score).sort((one, other) => other.score - one.score).slice(0, 2).forEach(({ id, name, text, above, below }) => {
      if (name) {
        const link = element("a", element("h3", result));
        link.href = root + route + "#" + encodeURIComponent(id);
        marked(link, name, above, 0, name.length);
      }
      if (below.length) context(result, text, below);
    });
  };

  document.querySelectorAll("form.search").forEach(form => {
    const { root, lang } = form.dataset, [none, one, many, more] = form.dataset.words.split("|");
    const folder = root + "search/" + lang + "/", field = form.querySelector("input");
    const status = form.querySelector("[role=status]"), results = form.querySelector(".results");
    const onPage = form.closest("main");
    let turn = 0, waiting, telling;
    const close = () => { results.hidden = true; status.textContent = ""; };
    const some = async (found, from, mine) => {
      const to = from ? from + MORE : FIRST, pages = found.pages.slice(from, to);
      const texts = await Promise.all(pages.map(page => load(folder + "text/" + page + ".js?" + found.of)));
      if (mine !== turn) return;
      texts.forEach(text => show(results, root, text, found.hits));
      if (to >= found.pages.length) return;
      const button = element("button", results, more);
      button.type = "button";
      button.onclick = async () => {
        const before = results.querySelectorAll("article").length;
        button.remove();
        await some(found, to, mine);
        const next = results.querySelectorAll("article")[before];
        if (next) next.querySelector("a").focus();
      };
    };
    const run = async () => {
      const mine = ++turn, text = field.value;
      clearTimeout(telling);
      if (!words(text).length) { results.replaceChildren(); return close(); }
      try {
        const found = await ask(folder, text), count = found.pages.length;
        if (mine !== turn) return;
        results.replaceChildren();
        results.hidden = !count;
        telling = setTimeout(() => {
          status.textContent = count === 0 ? none : count === 1 ? one : many.replace("{count}", count);
        }, SILENT);
        await some(found, 0, mine);
      } catch (error) { if (mine === turn) close(); }
    };
    const soon = () => { clearTimeout(waiting); clearTimeout(telling); waiting = setTimeout(run, STILL); };
    field.addEventListener("input", soon);
    if (!onPage) {
      form.addEventListener("keydown", event => { if (event.key === "Escape") { close(); field.focus(); } });
      form.addEventListener("focusout", event => { if (!event.relatedTarget || !form.contains(event.relatedTarget)) setTimeout(() => { if (!form.contains(document.activeElement)) close(); }, 200); });
      field.addEventListener("focus", () => { if (field.value && results.hidden) soon(); });
    } else {
      form.addEventListener("submit", event => {
        event.preventDefault();
        history.replaceState(null, "", "?q=" + encodeURIComponent(field.value));
        clearTimeout(waiting);
        run();
      });
    }
    run();
  });
})();
