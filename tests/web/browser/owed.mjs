// What a page owes to those who can't see it, have no mouse, or little room.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

/** The rules of WCAG as far as a program can check them. */
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What is wrong with a page, in words. */
export async function owed(page) {
  const own = await page.evaluate(() => {
    const faults = [];
    const { scrollWidth } = document.scrollingElement;
    if (scrollWidth > innerWidth) faults.push(`it is ${scrollWidth} wide, on ${innerWidth}`);
    if (document.querySelectorAll("main").length !== 1) faults.push("it has no one main part");
    if (document.querySelectorAll("h1").length !== 1) faults.push("it has no one heading");
    if (!document.documentElement.lang) faults.push("its language is not said");
    const controls = document.querySelectorAll("input:not([type=hidden]), select, textarea");
    for (const control of controls) if (!control.labels?.length) faults.push(`${control.name} has no label`);
    for (const button of document.querySelectorAll("button, a")) if (!button.textContent.trim()) faults.push(`${button.outerHTML} has no name`);
    const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
    for (const id of ids) if (ids.filter((other) => other === id).length > 1) faults.push(`${id} is there twice`);
    for (const element of document.querySelectorAll("[aria-describedby], [aria-labelledby]")) {
      const named = `${element.getAttribute("aria-describedby") ?? ""} ${element.getAttribute("aria-labelledby") ?? ""}`;
      for (const id of named.split(" ").filter(Boolean)) if (!ids.includes(id)) faults.push(`${id} is named, and not there`);
    }
    return faults.concat(contrasts());

    /** Words that can hardly be told from what they stand on. */
    function contrasts() {
      const found = new Set();
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      while (walker.nextNode()) {
        const element = walker.currentNode.parentElement;
        if (!walker.currentNode.textContent.trim() || !element.checkVisibility() || element.closest(".unseen, noscript, option")) continue;
        const ratio = contrast(parse(getComputedStyle(element).color), ground(element));
        if (ratio < 4.5) found.add(`“${element.textContent.trim().slice(0, 30)}” has a contrast of ${ratio.toFixed(1)}`);
      }
      return [...found];
    }
    function parse(color) {
      return color.match(/[\d.]+/g).map(Number);
    }
    function ground(element) {
      for (let up = element; up; up = up.parentElement) {
        const color = parse(getComputedStyle(up).backgroundColor);
        if (color.length === 3 || color[3] === 1) return color;
      }
      return [255, 255, 255];
    }
    function contrast(a, b) {
      const light = (c) => {
        const [r, g, b] = c.slice(0, 3).map((v) => (v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const [high, low] = [light(a), light(b)].sort((x, y) => y - x);
      return (high + 0.05) / (low + 0.05);
    }
  });
  const { violations } = await page.evaluate(`${AXE};axe.run(document, { resultTypes: ["violations"] })`);
  const told = ({ id, help, nodes }) => `${id} (${help}): ${nodes.map((node) => node.html.slice(0, 120)).join(" | ")}`;
  return own.concat(violations.map(told));
}

/** Goes through a page with the Tab key; says where somebody who does so is lost. */
export async function reach(page) {
  await page.evaluate(() => {
    // From the very beginning, wherever the focus was.
    document.body.tabIndex = -1;
    document.body.focus();
    document.body.removeAttribute("tabindex");
  });
  const faults = [];
  const reached = new Set();
  for (let i = 0; i < 400; i += 1) {
    await page.keyboard.press("Tab");
    const found = await page.evaluate(async () => {
      // What has the focus is scrolled to with the next frame.
      await new Promise(requestAnimationFrame);
      const element = document.activeElement;
      if (!element || element === document.body) return undefined;
      const box = element.getBoundingClientRect();
      const { outlineStyle, outlineWidth } = getComputedStyle(element);
      const name = element.outerHTML.slice(0, 100);
      const [x, y] = [box.left + Math.min(box.width / 2, 20), box.top + Math.min(box.height / 2, 8)];
      const top = document.elementFromPoint(x, y);
      window.stewardReached ??= new Set();
      const again = window.stewardReached.has(element);
      window.stewardReached.add(element);
      return {
        name,
        again,
        shown: outlineStyle !== "none" && parseFloat(outlineWidth) >= 1,
        seen: Boolean(top) && (element.contains(top) || top.contains(element)),
        whole: box.width > innerWidth || (box.left > -1 && box.right < innerWidth + 1),
        first: window.stewardReached.size === 1,
        skips: element.matches(".skip"),
      };
    });
    if (!found || found.again) break;
    reached.add(found.name);
    if (found.first && !found.skips) faults.push(`the first stop is no way past the navigation, but ${found.name}`);
    if (!found.shown) faults.push(`one can't see that this has the focus: ${found.name}`);
    if (!found.seen || !found.whole) faults.push(`it is out of sight: ${found.name}`);
  }
  const missed = await page.evaluate(() => {
    const all = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, [tabindex='0']")];
    const missed = all.filter((element) => element.checkVisibility({ visibilityProperty: true }) && !element.disabled && !window.stewardReached?.has(element));
    delete window.stewardReached;
    return missed.map((element) => element.outerHTML.slice(0, 100));
  });
  return faults.concat(missed.map((one) => `it can't be reached: ${one}`));
}
