/// <reference types="vitest/config" />
import { fileURLToPath } from 'node:url'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { svelteTesting } from '@testing-library/svelte/vite'
import { paraglideVitePlugin } from '@inlang/paraglide-js'
import { defineConfig, type Plugin } from 'vite'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** `vite --mode fake` starts the page from `src/testing/main.ts`, whose engine is scripted. No other mode reaches that folder. */
function fakeEngine(): Plugin {
  return {
    name: 'postigo-fake-engine',
    transformIndexHtml: {
      order: 'pre',
      handler: (html) => html.replace('/src/main.ts', '/src/testing/main.ts'),
    },
  }
}

export default defineConfig(({ mode, command }) => ({
  plugins: [
    paraglideVitePlugin({
      project: './project.inlang',
      outdir: './src/lib/paraglide',
      strategy: ['baseLocale'],
    }),
    svelte(),
    ...(mode === 'test' ? [svelteTesting()] : []),
    ...(mode === 'fake' && command === 'serve' ? [fakeEngine()] : []),
  ],
  resolve: {
    alias: {
      $api: at('./src/api/bindings.ts'),
      $app: at('./src/app'),
      $lib: at('./src/lib'),
      $platform: at('./src/platform/index.ts'),
      $messages: at('./src/lib/paraglide/messages.js'),
    },
  },
  clearScreen: false,
  server: { host: '127.0.0.1', port: 5173, strictPort: true },
  build: { target: 'es2022', sourcemap: false },
  test: {
    environment: 'jsdom',
    testTimeout: 60_000,
    include: ['src/**/*.test.ts'],
    setupFiles: ['src/testing/setup.ts'],
  },
}))
