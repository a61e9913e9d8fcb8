// From "What is broken?" to the website: a click for the component, a chip, and one button. With scripts, on a phone, and
// with scripts off; then the other channels are asked for.

import { check } from './page.mjs';
import { signIn } from './desk.mjs';

// What customers' websites and the status page say.
const told = async (page, base) => {
    const banner = await (await page.request.get(`${base}/banner.json?locale=en`)).text();
    const status = await (await page.request.get(`${base}/`)).text();
    return { banner, status };
};

await check(async (ana, { base, password }, { open, screenshot, serious, seen }) => {
    const faults = [], pictures = [];
    const show = async (name, page = ana) => {
        faults.push(...(await serious(page)));
        pictures.push(await screenshot(name, page), await screenshot(`${name}-phone`, page, { width: 390 }));
        pictures.push(await screenshot(`${name}-dark`, page, { dark: true }));
    };
    await signIn(ana, base, 'ana@acme.example', password);
    await ana.getByRole('link', { name: 'Tell customers something' }).click();
    await ana.getByRole('heading', { name: 'What is broken?' }).waitFor();
    await show('quick');
    await ana.getByRole('link', { name: /^Payments/ }).click();
    await ana.getByText('Approved in advance by Ben and Ada').waitFor();
    await ana.locator('label:has-text("Payments are slow")').click();
    const words = ana.locator('blockquote', { hasText: 'Payments take longer than usual' });
    await words.waitFor();
    const live = await words.innerText();
    await show('quick-chosen');
    const [, widest] = await ana.evaluate(() => [innerWidth, document.documentElement.scrollWidth - innerWidth]);
    await ana.getByRole('button', { name: 'Put it on the website and status page now' }).click();
    await ana.getByRole('heading', { name: /It is on the website and status page/ }).waitFor();
    const first = await told(ana, base);
    await show('quick-sent');
    await ana.getByRole('button', { name: /to approve it for email and SMS/ }).click();
    await ana.getByText('Asked for email and SMS').waitFor();
    const asked = await ana.locator('main').innerText();
    await ana.getByRole('link', { name: 'Tell how it goes on' }).click();
    const goesOn = await ana.locator('.finding.note').innerText();

    // A phone with scripts off; search has a message of its own.
    const phone = await open({ javaScriptEnabled: false, viewport: { width: 390, height: 800 } });
    await signIn(phone, base, 'ana@acme.example', password);
    await phone.getByRole('link', { name: 'Tell customers something' }).click();
    await phone.getByRole('link', { name: /^Search/ }).click();
    await phone.locator('label:has-text("Search finds nothing")').click();
    await phone.getByRole('button', { name: 'Show the words with these choices' }).click();
    await phone.locator('blockquote', { hasText: 'Search finds nothing' }).waitFor();
    pictures.push(await screenshot('quick-plain-phone', phone, { width: 390 }));
    await phone.getByRole('button', { name: 'Put it on the website and status page now' }).click();
    const out = phone.getByRole('heading', { name: /It is on the website and status page/ });
    const end = Date.now() + 30_000;
    while (!(await out.isVisible()) && Date.now() < end) await phone.getByRole('link', { name: 'Look again' }).click();
    const second = await told(ana, base);

    await ana.goto(`${base}/console/prepared`);
    await show('prepared');
    await ana.getByRole('link', { name: 'Payments fail' }).click();
    await ana.getByText('What it may do with no other yes').waitFor();
    await show('prepared-one');
    await ana.getByRole('link', { name: 'Change it' }).click();
    await show('prepared-edit');
    return { live, widest, first, asked, goesOn, second, faults, pictures, errors: seen.errors, origins: [...seen.origins] };
});
