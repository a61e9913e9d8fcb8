// One incident, two groups of people: first somebody would be in both, then each reads their own words.

import { check } from './page.mjs';
import { approve, field, openForApproval, openIncident, promise, readAll, signIn, write } from './desk.mjs';

await check(async (ana, { base, password, people, facts }, { open, screenshot, serious, seen }) => {
    const faults = [], pictures = [];
    const show = async (name, page) => {
        faults.push(...(await serious(page)));
        pictures.push(await screenshot(name, page), await screenshot(`${name}-phone`, page, { width: 390 }));
    };
    await signIn(ana, base, 'ana@acme.example', password);
    await openIncident(ana, 'Card payments fail in Europe');
    await write(ana, facts);
    await promise(ana);
    await ana.getByRole('button', { name: 'Tell another group something different' }).click();
    await ana.locator('[name="v1.name"]').fill('business');
    await ana.locator('[name="v1.segment"]').selectOption('Business');
    await ana.locator('[name="v0.segment"]').selectOption('All customers');
    for (const [name, text] of Object.entries(facts)) {
        const box = ana.locator(`[name="v1.en.${name}"]`);
        if (!(await box.isVisible())) await ana.locator('#more-1-en > summary').click();
        await box.fill(text);
    }
    await ana.locator('[name="v1.en.impact"]').fill('Your card terminals may refuse payments.');
    const both = ana.locator('tr', { hasText: 'in two groups' });
    await both.getByText('it cannot be sent like this').waitFor();
    const overlap = await both.innerText();
    await show('variants-overlap', ana);
    await ana.locator('[name="v0.segment"]').selectOption('Private');
    await both.getByText('it cannot be sent like this').waitFor({ state: 'detached' });
    await ana.locator('[data-saved]').filter({ hasText: /^Saved/ }).waitFor();
    await ana.getByRole('link', { name: 'The groups side by side' }).click();
    await ana.getByRole('heading', { name: /^Side by side/ }).waitFor();
    await show('variants', ana);
    await ana.getByRole('link', { name: 'Back to the text' }).click();
    await ana.locator('.sticky-foot button[value=submit]:enabled').click();
    await ana.getByText('Not you:').waitFor();

    const ben = await open();
    await signIn(ben, base, 'ben@acme.example', password);
    await openForApproval(ben);
    const texts = await readAll(ben);
    await show('variants-approve', ben);
    await approve(ben, people, password);
    await ben.getByRole('heading', { name: /^Update 1 is out/ }).waitFor();
    return { overlap, texts, faults, pictures, errors: seen.errors, origins: [...seen.origins] };
});
