import { createRouter, createWebHashHistory, type Router, type RouterHistory } from 'vue-router';
import OverviewPage from './pages/overview/OverviewPage.vue';

/** The pages there are, in the order of the navigation. */
export const PAGES = [
  { path: '/overview', name: 'overview', title: 'Overview', key: 'o', group: 'Look' },
  { path: '/guests', name: 'guests', title: 'Guests', key: 'g', group: 'Look' },
  { path: '/pools', name: 'pools', title: 'Pools', key: 'p', group: 'Look' },
  { path: '/evictions', name: 'evictions', title: 'Evictions', key: 'e', group: 'Look' },
  { path: '/what-if', name: 'what-if', title: 'What-if', key: 'w', group: 'Decide' },
  { path: '/scenarios', name: 'scenarios', title: 'Scenarios', key: 'c', group: 'Decide' },
  { path: '/reports', name: 'reports', title: 'Reports', key: 'r', group: 'Record' },
  { path: '/audit', name: 'audit', title: 'Audit', key: 'a', group: 'Record' },
  { path: '/settings', name: 'settings', title: 'Settings', key: 's', group: 'Record' },
] as const;

/** The overview comes with the first bundle; the other pages are loaded when they are wanted. */
export function createConsoleRouter(history: RouterHistory = createWebHashHistory()): Router {
  const router = createRouter({
    history,
    routes: [
      { path: '/overview', name: 'overview', component: OverviewPage },
      { path: '/guests', name: 'guests', component: () => import('./pages/guests/GuestsPage.vue') },
      { path: '/pools', name: 'pools', component: () => import('./pages/pools/PoolsPage.vue') },
      { path: '/evictions', name: 'evictions', component: () => import('./pages/evictions/EvictionsPage.vue') },
      { path: '/what-if', name: 'what-if', component: () => import('./pages/what-if/WhatIfPage.vue') },
      { path: '/scenarios', name: 'scenarios', component: () => import('./pages/scenarios/ScenariosPage.vue') },
      { path: '/reports', name: 'reports', component: () => import('./pages/reports/ReportsPage.vue') },
      { path: '/audit', name: 'audit', component: () => import('./pages/audit/AuditPage.vue') },
      { path: '/settings', name: 'settings', component: () => import('./pages/settings/SettingsPage.vue') },
      { path: '/:rest(.*)*', redirect: '/overview' },
    ],
  });
  router.afterEach((to) => {
    const page = PAGES.find(({ name }) => name === to.name);
    document.title = page === undefined ? 'Tmem Console' : `${page.title} – Tmem Console`;
  });
  return router;
}
