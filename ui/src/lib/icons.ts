/** The names the app uses for its drawings (design kit, "Icons"). Lucide is imported here and nowhere else. */
import type { Component } from 'svelte'
import Archive from '@lucide/svelte/icons/archive'
import ArrowDown from '@lucide/svelte/icons/arrow-down'
import ArrowLeft from '@lucide/svelte/icons/arrow-left'
import ArrowRight from '@lucide/svelte/icons/arrow-right'
import ArrowUp from '@lucide/svelte/icons/arrow-up'
import BadgeCheck from '@lucide/svelte/icons/badge-check'
import Ban from '@lucide/svelte/icons/ban'
import Check from '@lucide/svelte/icons/check'
import ChevronDown from '@lucide/svelte/icons/chevron-down'
import ChevronRight from '@lucide/svelte/icons/chevron-right'
import CircleCheck from '@lucide/svelte/icons/circle-check'
import CircleDashed from '@lucide/svelte/icons/circle-dashed'
import CircleDot from '@lucide/svelte/icons/circle-dot'
import CircleQuestionMark from '@lucide/svelte/icons/circle-question-mark'
import CircleSlash2 from '@lucide/svelte/icons/circle-slash-2'
import Clock from '@lucide/svelte/icons/clock'
import Copy from '@lucide/svelte/icons/copy'
import DoorOpen from '@lucide/svelte/icons/door-open'
import Download from '@lucide/svelte/icons/download'
import Ellipsis from '@lucide/svelte/icons/ellipsis'
import Equal from '@lucide/svelte/icons/equal'
import ExternalLink from '@lucide/svelte/icons/external-link'
import Eye from '@lucide/svelte/icons/eye'
import EyeOff from '@lucide/svelte/icons/eye-off'
import FilePenLine from '@lucide/svelte/icons/file-pen-line'
import FileText from '@lucide/svelte/icons/file-text'
import Folder from '@lucide/svelte/icons/folder'
import FolderOpen from '@lucide/svelte/icons/folder-open'
import Forward from '@lucide/svelte/icons/forward'
import Globe from '@lucide/svelte/icons/globe'
import HardDrive from '@lucide/svelte/icons/hard-drive'
import Hourglass from '@lucide/svelte/icons/hourglass'
import House from '@lucide/svelte/icons/house'
import Image from '@lucide/svelte/icons/image'
import Inbox from '@lucide/svelte/icons/inbox'
import Keyboard from '@lucide/svelte/icons/keyboard'
import KeyRound from '@lucide/svelte/icons/key-round'
import Languages from '@lucide/svelte/icons/languages'
import Laptop from '@lucide/svelte/icons/laptop'
import Lightbulb from '@lucide/svelte/icons/lightbulb'
import ListFilter from '@lucide/svelte/icons/list-filter'
import LoaderCircle from '@lucide/svelte/icons/loader-circle'
import Lock from '@lucide/svelte/icons/lock'
import LockKeyhole from '@lucide/svelte/icons/lock-keyhole'
import Mail from '@lucide/svelte/icons/mail'
import MailOpen from '@lucide/svelte/icons/mail-open'
import Mailbox from '@lucide/svelte/icons/mailbox'
import Monitor from '@lucide/svelte/icons/monitor'
import Moon from '@lucide/svelte/icons/moon'
import Network from '@lucide/svelte/icons/network'
import OctagonX from '@lucide/svelte/icons/octagon-x'
import Paperclip from '@lucide/svelte/icons/paperclip'
import Pause from '@lucide/svelte/icons/pause'
import PenLine from '@lucide/svelte/icons/pen-line'
import Pencil from '@lucide/svelte/icons/pencil'
import Play from '@lucide/svelte/icons/play'
import Plus from '@lucide/svelte/icons/plus'
import Power from '@lucide/svelte/icons/power'
import RefreshCw from '@lucide/svelte/icons/refresh-cw'
import Reply from '@lucide/svelte/icons/reply'
import ReplyAll from '@lucide/svelte/icons/reply-all'
import RotateCcw from '@lucide/svelte/icons/rotate-ccw'
import Route from '@lucide/svelte/icons/route'
import School from '@lucide/svelte/icons/school'
import ScrollText from '@lucide/svelte/icons/scroll-text'
import Search from '@lucide/svelte/icons/search'
import Send from '@lucide/svelte/icons/send'
import Server from '@lucide/svelte/icons/server'
import Settings2 from '@lucide/svelte/icons/settings-2'
import ShieldAlert from '@lucide/svelte/icons/shield-alert'
import ShieldCheck from '@lucide/svelte/icons/shield-check'
import Split from '@lucide/svelte/icons/split'
import Stamp from '@lucide/svelte/icons/stamp'
import Star from '@lucide/svelte/icons/star'
import Sun from '@lucide/svelte/icons/sun'
import Terminal from '@lucide/svelte/icons/terminal'
import Trash2 from '@lucide/svelte/icons/trash-2'
import TriangleAlert from '@lucide/svelte/icons/triangle-alert'
import Undo2 from '@lucide/svelte/icons/undo-2'
import Upload from '@lucide/svelte/icons/upload'
import User from '@lucide/svelte/icons/user'
import Users from '@lucide/svelte/icons/users'
import WandSparkles from '@lucide/svelte/icons/wand-sparkles'
import Waypoints from '@lucide/svelte/icons/waypoints'
import X from '@lucide/svelte/icons/x'
import SquareI from './SquareI.svelte'

export const icons = {
  // views
  overview: House,
  mail: Mail,
  mailbox: Mailbox,
  log: ScrollText,
  flow: Waypoints,
  tls: LockKeyhole,
  settings: Settings2,
  // states; each has a shape of its own
  pass: CircleCheck,
  warn: TriangleAlert,
  fail: OctagonX,
  info: SquareI,
  running: LoaderCircle,
  off: CircleDashed,
  na: CircleSlash2,
  unknown: CircleQuestionMark,
  blocked: Lock,
  here: CircleDot,
  unchanged: Equal,
  // things
  laptop: Laptop,
  school: School,
  globe: Globe,
  server: Server,
  door: DoorOpen,
  password: KeyRound,
  alias: Split,
  refused: Ban,
  authority: Stamp,
  certificate: BadgeCheck,
  checks: ShieldCheck,
  junk: ShieldAlert,
  hint: Lightbulb,
  wand: WandSparkles,
  wait: Hourglass,
  clock: Clock,
  route: Route,
  network: Network,
  disk: HardDrive,
  folder: Folder,
  folderOpen: FolderOpen,
  inbox: Inbox,
  file: FileText,
  draft: FilePenLine,
  image: Image,
  user: User,
  users: Users,
  keyboard: Keyboard,
  languages: Languages,
  terminal: Terminal,
  themeLight: Sun,
  themeDark: Moon,
  themeSystem: Monitor,
  // actions
  retry: RefreshCw,
  again: RotateCcw,
  copy: Copy,
  check: Check,
  pause: Pause,
  play: Play,
  download: Download,
  upload: Upload,
  undo: Undo2,
  trash: Trash2,
  power: Power,
  reply: Reply,
  replyAll: ReplyAll,
  forward: Forward,
  archive: Archive,
  star: Star,
  attach: Paperclip,
  send: Send,
  compose: PenLine,
  edit: Pencil,
  unread: Mail,
  read: MailOpen,
  add: Plus,
  close: X,
  more: Ellipsis,
  search: Search,
  filter: ListFilter,
  external: ExternalLink,
  show: Eye,
  hide: EyeOff,
  left: ArrowLeft,
  right: ArrowRight,
  up: ArrowUp,
  down: ArrowDown,
  chevronRight: ChevronRight,
  chevronDown: ChevronDown,
} satisfies Record<string, Component<{ class?: string }>>

export type IconName = keyof typeof icons
