import { mount } from 'svelte'
import App from '$app/App.svelte'
import { Preferences } from '$app/preferences.svelte'
import { connect } from '$platform'
import './styles/fonts.css'
import './styles/tokens.css'
import './styles/base.css'
import './styles/components.css'
import './styles/app.css'

const target = document.getElementById('postigo')
if (target) mount(App, { target, props: { platform: await connect(), preferences: new Preferences() } })
