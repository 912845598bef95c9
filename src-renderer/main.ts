import { createPinia } from 'pinia';
import { createApp } from 'vue';
import App from './App.vue';
import { applyAppearance, rememberedAppearance } from './appearance.ts';
import { createConsoleRouter } from './router.ts';
import './styles/base.css';

const app = createApp(App);
app.use(createPinia());
const router = createConsoleRouter();
app.use(router);
// Pages bring style sheets of their own when they are first shown.
router.afterEach(() => applyAppearance(rememberedAppearance()));
applyAppearance(rememberedAppearance());
app.mount('#app');
