// A shop's page and the copied status page after the daemon and its database are gone.

import { check } from './page.mjs';

// Playwright and axe-core look into open shadow roots only, and the banner's is closed.
const opened = () => {
    const attach = Element.prototype.attachShadow;
    Element.prototype.attachShadow = function (options) { return attach.call(this, { ...options, mode: 'open' }); };
};

await check(async (page, { shop, copy, headline }, { open, screenshot, serious }) => {
    const reader = await open();
    await reader.context().addInitScript(opened);
    await reader.goto(`${shop}/`);
    const banner = reader.getByRole('region');
    await banner.getByText(headline).waitFor();
    const link = await banner.getByRole('link').getAttribute('href');
    await screenshot('banner-copy', reader, { whole: false });

    const pages = {};
    const faults = [];
    for (const path of ['index.html', 'en/history.html', new URL(link).pathname.slice(1) + '/index.html']) {
        await page.goto(`${copy}/${path}`);
        pages[path] = await page.locator('h1').textContent();
        faults.push(...await serious(page));
    }
    await page.goto(`${copy}/index.html`);
    await page.getByRole('link', { name: 'All past incidents' }).or(page.getByText('Nothing has been reported')).first().waitFor();
    await screenshot('status-copy', page);
    const styled = await page.evaluate(() => document.styleSheets.length);
    return { pages, styled, faults };
});
