// The whole way on a phone: at night an approver has nothing else.

import { check } from './page.mjs';
import { approve, openForApproval, openIncident, promise, readAll, signIn, write } from './desk.mjs';

const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };

await check(async (ana, { base, password, people, facts }, { open, seen, serious }) => {
    const faults = [], small = [];
    // What a thumb has to hit, where it is no part of a sentence.
    const thumbs = async (page) => {
        faults.push(...(await serious(page)));
        small.push(...(await page.evaluate(() => {
            const wide = document.documentElement.scrollWidth > innerWidth ? [`${location.pathname} is wider than the phone`] : [];
            const low = [...document.querySelectorAll('button, .button, select, input:not([type=hidden])')]
                .filter((one) => one.offsetParent && !one.closest('p, label, .chips') && one.getBoundingClientRect().height < 43)
                .filter((one) => getComputedStyle(one).position !== 'absolute' && !one.matches('.link, .use, .small'))
                .map((one) => `${location.pathname}: ${one.outerHTML.slice(0, 100)}`);
            return [...wide, ...low];
        })));
    };
    await signIn(ana, base, 'ana@acme.example', password);
    await thumbs(ana);
    await openIncident(ana, 'Card payments fail in Europe');
    await write(ana, facts);
    await promise(ana);
    await ana.locator('.sticky-foot button[value=submit]:enabled').waitFor();
    await thumbs(ana);
    await ana.locator('.sticky-foot button[value=submit]:enabled').tap();
    await ana.getByText('Not you:').waitFor();

    const ben = await open(PHONE);
    await signIn(ben, base, 'ben@acme.example', password);
    await openForApproval(ben);
    const texts = await readAll(ben);
    await thumbs(ben);
    await approve(ben, people, password);
    await ben.getByRole('heading', { name: /^Update 1 is (going )?out/ }).waitFor();
    await thumbs(ben);
    return { texts, faults, small, errors: seen.errors, origins: [...seen.origins] };
}, PHONE);
