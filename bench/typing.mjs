// Types words into a draft's headline and says how long after the last key every text shows them: all channels of the first
// language, and the mail as a mail program shows it.

import { check } from '../tests/browser/page.mjs';

await check(async (page, { base, email, password, update, times: wanted }) => {
    await page.goto(`${base}/console`);
    await page.getByLabel('Mail address').fill(email);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL(`${base}/console`);
    await page.goto(`${base}/console/updates/${update}`);
    await page.locator('[name="v0.en.headline"]').focus();
    await page.evaluate(() => {
        const marks = { key: 0, frame: 0 };
        addEventListener('keydown', () => { marks.key = performance.now(); }, true);
        // Of what loads inside it a document hears, its window does not.
        document.addEventListener('load', ({ target }) => { if (target.matches?.('iframe')) marks.frame = performance.now(); }, true);
        // Every card shows the word, and the mail's frame was loaded after the card's own text came.
        globalThis.shows = (word) => new Promise((done, fail) => {
            const end = performance.now() + 20_000;
            let texts = 0;
            const look = () => {
                const cards = [...document.querySelectorAll('#group-0-en .preview')];
                const all = cards.length && cards.every((card) => card.textContent.includes(word));
                if (all && !texts) texts = performance.now();
                if (performance.now() > end) return fail(new Error(`no preview of ${word} in 20 seconds`));
                if (!all || marks.frame < texts) return requestAnimationFrame(look);
                done({ took: marks.frame - marks.key, places: cards.length });
            };
            look();
        });
    });
    const times = [];
    let places = 0;
    for (let n = 0; n < wanted; n += 1) {
        const word = `w${n}w`;
        await page.keyboard.press('End');
        const shown = page.evaluate((word) => globalThis.shows(word), word);
        // As fast as somebody who is in a hurry.
        await page.keyboard.type(` ${word}`, { delay: 90 });
        const seen = await shown;
        const mail = page.locator('#group-0-en .look.desktop iframe:not(.coming)').contentFrame();
        await mail.getByText(word).first().waitFor({ state: 'attached' });
        times.push(seen.took);
        places = seen.places;
        for (let back = 0; back <= word.length; back += 1) await page.keyboard.press('Backspace');
        await page.waitForFunction((word) => !document.querySelector('#group-0-en').textContent.includes(word), word);
        await page.locator('[data-saved]').filter({ hasText: /^Saved/ }).waitFor();
    }
    return { times, places };
});
