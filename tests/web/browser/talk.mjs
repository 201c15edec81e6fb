// What people do in the chat.

import { enter, must, say, seen } from "./house.mjs";
import { hear } from "./keys.mjs";

/** From words to a result: a question answered by a click, a correction, a reload in the middle. */
export async function run(browser, house, complaints, shot) {
  const dana = await enter(browser, house, "dana", complaints);
  await shot(dana, "chat-empty");
  must(await dana.evaluate(() => document.activeElement?.id === "text"), "one can type at once");

  await say(dana, "deploy cart-service 7.4.0");
  const question = await seen(dana, "environment");
  await shot(dana, "chat-question");
  await question.getByRole("button", { name: "staging" }).click();
  await seen(dana, "nothing has run yet");

  await say(dana, "actually make it 7.4.1");
  const changed = await seen(dana, "Changed: version");
  await shot(dana, "chat-plan");

  await dana.reload();
  const plan = await seen(dana, "Changed: version");
  must((await plan.textContent()) === (await changed.textContent()), "a reload changes nothing");
  await dana.locator("#log article form.actions").last().getByRole("button", { name: "Run" }).click();
  const card = dana.locator("#log article.live");
  await card.locator("progress").waitFor();
  await dana.locator("#now").getByText("#1").waitFor();
  await shot(dana, "chat-running");

  await dana.reload();
  await seen(dana, "succeeded");
  must((await dana.locator("#log article", { hasText: "#1" }).count()) === 1, "one card, edited in place");
  await shot(dana, "chat-done");
  return dana;
}

/** What a run says while it goes on stands in its card. */
export async function watch(dana, shot) {
  await say(dana, "check the health of cart-service in staging");
  await (await seen(dana, "Health check (nothing")).getByRole("button", { name: "Run" }).click();
  await dana.locator("#log article.live .tail", { hasText: "probing" }).waitFor();
  await hear(dana);
  await shot(dana, "chat-tail");
  await seen(dana, "#2");
  await dana.locator("#log article.live").waitFor({ state: "detached" });
}

/** Words that may mean several things: which, is answered by a click. */
export async function clarify(dana, shot) {
  await say(dana, "restart web-21");
  const offer = await seen(dana, "Did you mean one of these");
  await shot(dana, "chat-clarify");
  const meant = offer.getByRole("button", { name: "Restart service" });
  await meant.click();
  // What was meant is said, and the conversation goes on with it.
  await dana.locator("#log article.own", { hasText: "Restart service" }).locator("+ article:not(.own)").waitFor();
  await say(dana, "/abort");
  await dana.locator("#log article.own", { hasText: "/abort" }).last().waitFor();
}

/** A lost connection: what was said meanwhile is there afterwards, in its order. */
export async function lose(dana) {
  const context = dana.context();
  await dana.locator("#text").fill("/status");
  await context.setOffline(true);
  await dana.keyboard.press("Enter");
  await dana.locator("#state").getByText("not sent").waitFor();
  must((await dana.locator("#text").inputValue()) === "/status", "what was not sent is still there");
  await context.setOffline(false);
  await dana.keyboard.press("Enter");
  await dana.locator("#log article.own", { hasText: "/status" }).last().waitFor();
  await dana.locator("#state").waitFor({ state: "hidden" });
}

/** Two people at once: neither sees the other. */
export async function two(browser, house, dana, complaints) {
  const ada = await enter(browser, house, "ada", complaints);
  await say(dana, "restart nginx on web-03");
  await say(ada, "/help");
  await seen(ada, "/status");
  must(!(await ada.locator("#log").textContent()).includes("nginx on web-03"), "ada sees what dana said");
  return ada;
}

/** Leaving: nothing is to be seen any more, not even by going back. */
export async function leave(page) {
  await page.getByRole("button", { name: "Log out" }).click();
  await page.waitForURL(/\/login/);
  await page.goBack();
  await page.waitForURL(/\/login/);
}
