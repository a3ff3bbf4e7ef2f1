// The page of a widget, shown in a frame of another server's page: /widget/<id>#token=…
import '../ui/tokens.css';
import '../ui/base.css';
import './widget.css';
import { mount } from 'svelte';
import { Answers, placeOf } from './ask';
import Page from './Page.svelte';

const target = document.getElementById('widget');
if (!target) throw new Error('The page has no #widget.');
const place = placeOf(location);
mount(Page, { target, props: { answers: new Answers(place, window.fetch.bind(window)) } });
// What stands behind # is this page's token: another one is another widget.
window.addEventListener('hashchange', () => location.reload());
