import '@fontsource-variable/inter/index.css';
import './ui/tokens.css';
import './ui/base.css';
import { mount } from 'svelte';
import App from './app/App.svelte';
import { pickHost } from './host';
import './state/appearance.svelte';
import { session } from './state/session.svelte';

const target = document.getElementById('app');
if (!target) throw new Error('The page has no #app.');
await pickHost();
void session.start();
mount(App, { target });
