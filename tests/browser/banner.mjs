// The banner on a customer's page of another origin, under a strict content security policy; then without the daemon.

import { check } from './page.mjs';

// Playwright and axe-core look into open shadow roots only, and the banner's is closed.
const opened = () => {
    const attach = Element.prototype.attachShadow;
    Element.prototype.attachShadow = function (options) { return attach.call(this, { ...options, mode: 'open' }); };
};
const globals = (page) => page.evaluate(() => Object.getOwnPropertyNames(globalThis).sort());
const focused = (page) => page.evaluate(() => document.activeElement.id);

await check(async (page, { shop, headline }, { open, screenshot, serious, seen }) => {
    // As it is, without our look into it: what it adds to the page.
    await page.goto(`${shop}/without`);
    const before = await globals(page);
    const answered = page.waitForResponse('**/banner/live.json');
    await page.goto(`${shop}/`);
    await (await answered).finished();
    const after = await globals(page);

    const reader = await open();
    await reader.context().addInitScript(opened);
    await reader.goto(`${shop}/`);
    await reader.locator('#search').focus();
    const banner = reader.getByRole('region');
    await banner.getByText(headline).waitFor();
    const label = await banner.getAttribute('aria-label');
    const inLight = await reader.evaluate((text) => document.documentElement.textContent.includes(text), headline);
    const kept = await focused(reader);
    const faults = await serious(reader);
    const pictures = [await screenshot('banner', reader, { whole: false })];
    pictures.push(await screenshot('banner-phone', reader, { width: 390, whole: false }));

    // Put away by keyboard: the banner stands before the page, so its button is what comes before the first field.
    await reader.keyboard.press('Shift+Tab');
    await reader.keyboard.press('Enter');
    await banner.getByText(headline).waitFor({ state: 'detached' });
    const cookies = [await page.context().cookies(), await reader.context().cookies()].flat();
    const errors = [...seen.errors];

    // Nobody answers any more. What the browser itself logs about the connection is no error of the page.
    await page.request.post(`${shop}/stop`);
    const silent = await open();
    await silent.context().addInitScript(opened);
    for (const [tab, wait] of [[page, 'requestfailed'], [silent, 'requestfailed']]) {
        const failed = tab.waitForEvent(wait);
        await (tab === page ? tab.reload() : tab.goto(`${shop}/`));
        await failed;
    }
    const left = await silent.getByText(headline).count();
    const broken = seen.errors.slice(errors.length).filter((error) => !error.includes('net::ERR_'));
    pictures.push(await screenshot('banner-unreachable', silent, { whole: false }));
    return {
        added: after.filter((name) => !before.includes(name)), label, inLight, kept, faults, cookies, errors, left, broken, pictures,
    };
});
