// Everything by keyboard: nothing is clicked here. And what a screen reader is told.

import { must, seen } from "./house.mjs";

/** The words of what has the focus. */
const focused = (page) => page.evaluate(() => {
  const element = document.activeElement;
  return (element.getAttribute("aria-label") ?? element.labels?.[0]?.textContent ?? element.textContent).trim().replace(/\s+/g, " ");
});

/** Goes back from stop to stop until these words have the focus. */
async function back(page, words) {
  for (let i = 0; i < 40; i += 1) {
    if ((await focused(page)).includes(words)) return;
    await page.keyboard.press("Shift+Tab");
  }
  throw new Error(`“${words}” can't be reached; at last it was “${await focused(page)}”`);
}

/** From the link to a run and out again, without a mouse. */
export async function keys(browser, house, complaints, save) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  page.on("pageerror", (error) => complaints.push(`by keyboard: ${error}`));
  await page.goto(house.link("operator"));
  must((await focused(page)) === "Log in", `the button has the focus, not “${await focused(page)}”`);
  await page.keyboard.press("Enter");
  await page.waitForURL(`${house.base}/`);
  // One can type at once.
  await page.locator("#text:focus").waitFor();

  // What is asked is answered by going back to it.
  await page.keyboard.type("restart cart-service");
  await page.keyboard.press("Enter");
  await seen(page, "Which environment?");
  await back(page, "staging");
  await save(page, "keys-option");
  await page.keyboard.press("Enter");
  const plan = await seen(page, "nothing has run yet");
  // After an answer one can type on.
  await page.locator("#text:focus").waitFor();
  await back(page, "Change something");
  await page.keyboard.press("/");
  await page.locator("#text:focus").waitFor();
  await back(page, "Run");
  await page.keyboard.press("Space");
  await seen(page, "succeeded");
  must((await plan.count()) === 1, "one plan");

  // The latest words come back; Shift+Enter begins a line; a slash comes here from everywhere.
  await page.keyboard.press("ArrowUp");
  must((await page.locator("#text").inputValue()) === "restart cart-service", "the last words");
  await page.keyboard.press("Control+A");
  await page.keyboard.type("one");
  await page.keyboard.press("Shift+Enter");
  await page.keyboard.type("two");
  must((await page.locator("#text").inputValue()) === "one\ntwo", "two lines");
  await page.keyboard.press("Control+A");
  await page.keyboard.press("Delete");
  await back(page, "Messages");
  await page.keyboard.press("/");
  await page.locator("#text:focus").waitFor();

  // Past the navigation, and to another page.
  await page.goto(`${house.base}/jobs`);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  must(await page.evaluate(() => document.activeElement.id === "main"), "past the navigation");
  await page.keyboard.press("Tab");
  await page.keyboard.type("postgres");
  must((await page.locator(".jobs li:visible").count()) < 10, "what is sought is found");
  await page.keyboard.press("Escape");
  must((await page.locator("#find").inputValue()) === "", "Escape ends the search");
  must((await page.locator(".jobs li:visible").count()) > 10, "and shows everything again");
  await page.goto(house.base);
  await back(page, "Log out");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/login/);
  await context.close();
}

/** What the chat is called to somebody who hears it. */
export async function hear(page) {
  const tree = await page.locator("body").ariaSnapshot();
  for (const part of [
    'link "Skip to the content"', 'navigation "Pages"', "main:", 'heading "Chat with Steward" [level=1]',
    'log "Messages"', 'textbox "Your message"', 'button "Send"', 'complementary "', "progressbar",
  ]) must(tree.includes(part), `${part} is not in\n${tree}`);
  // New messages are read out; what changes all the time is not.
  const live = await page.evaluate(() => [document.querySelector("#log").ariaLive, document.querySelector("article.live")?.ariaLive]);
  must(live[0] === "polite" && live[1] === "off", `what is read out: ${live}`);
}
