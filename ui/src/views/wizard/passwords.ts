import type { Locale } from '$lib/paraglide/runtime'

/** Short common words without accents, so that every keyboard types them and every SASL mechanism carries them. */
export const words: Record<Locale, readonly string[]> = {
  es: `abeja abril aceite aguja ala alba algodon almendra ancla anillo anzuelo arado arco arena aroma arroz arroyo asiento atun aurora
    avena azahar azul bahia balcon balsa bambu banco barco barro baston bosque bota brasa brisa broche bronce brote bruma bucle buho cabra
    cacao caja calle cama camino campo canal canela canoa canto capa carbon carta casa castor cauce cebada cedro ceniza cera cereza cesta
    cielo ciervo cinco cinta ciruela clave clavo cobre cofre col collar cometa conejo copa coral corcho coro corteza costa cresta cromo
    cuarzo cuatro cubo cuenco cuerda cuero cumbre dado danza dardo delta diez diluvio dos duna eco eje encina enero erizo escalera espiga
    espuma establo estrella faro farol fecha feria fibra ficha fiesta fila flauta flecha flor foca fogata fresa fresno fruta fuego fuente
    gallo gamba ganso garza gato gaviota girasol globo golfo gorra gota granja grano granada grillo grulla guante guinda guitarra haba hacha
    halcon harina haya helado helecho hielo hierba hierro higo hilo hoja hongo horno huella huerta hueso humo iglu isla jabon jarra jardin
    jazmin jinete joya julio junco junio ladera ladrillo lago lana lanza lapiz laurel lazo leche lecho lente letra libro liebre lima limon
    lince lino llave lluvia lobo loma loro luna lunes luz madera maiz malla mango manta mapa mar marea marfil marmol martes marzo mayo mesa
    metal miel mil mirlo molino moneda monte mora mula muro musgo nabo naranja nave niebla nido nieve nogal noria norte nota nube nudo nueve
    nuez ocho oeste olivo olla olmo onda once orilla oro oso ostra otero oveja pala palma paloma pan papel parra pasto pato pera perla pez
    piano pico piedra pino pinza pizarra plata playa pluma pozo prado puente puerta puerto pulpo queso quince radio rama rana raya red reloj
    remo rey rio risco roble roca rocio rosa rueda ruta sabado sal salmon salvia sauce seda seis selva sello semilla sendero seta siete silla
    sol sombra sopa surco tabla taller tambor tapiz tarde taza techo teja tejo tela templo tierra tigre tilo tinta tiza tomate topo toro torre
    tren tres trigo trino trompa trucha tulipan uno uva valle vaso vela vega vereda verano verde viento viga violeta yate yedra yegua yeso
    zafiro zanja zapato zarza zinc zorro`.split(/\s+/),
  en: `acorn acre alder amber anchor angle ankle apple april apron arch arrow aspen aster atlas attic autumn badge bagel bamboo banjo barge
    bark barley barn basil basin basket bay beach bead beam bean bear beaver bell bench berry birch bird bison blade blaze bloom blue boat
    bolt bone book boot bottle bowl branch brass bread breeze brick bridge brook broom brush bucket buckle bugle bulb butter button cabin
    cable cactus camel camp canal candle canoe canvas cape carbon card carrot castle cedar cello chalk cherry chess chime cider cinder circle
    clay cliff clock cloud clover coast cobalt cocoa comet compass copper coral cork corn cotton crab crane creek crest cricket crown cube
    cup curtain cypress daisy dam dawn deer delta desk dew dial dock dolphin door dove dragon drum duck dune eagle earth east echo eight elbow
    elm ember engine falcon farm feather fern ferry field fig finch fire fish five flag flame flax flint flute foam fog forest fork fort four
    fox frost fruit galaxy garden garlic gate geese ginger glass glove goat gold goose grain grape grass gravel green grove guitar gull
    hammer harbour hare harp hawk hazel heart hedge herb heron hill hinge honey hoop horn horse hub ice inlet iris iron island ivory ivy
    jacket jade jar jelly july june kayak kettle key kite knot ladder lake lamp lantern larch lark laurel lava leaf leather lemon lens lentil
    letter lilac lime linen lion lily lock locket loom lotus lunar lynx magnet mango maple marble march market marsh mast meadow melon metal
    mill mint mirror mist mole moon moss moth mountain mule music nail needle nest nettle nickel nine north nut oak oar oasis oats ocean olive
    onion opal orange orbit orchard otter owl oyster paddle paint palm panda paper parrot path peach pear pearl pebble pencil pepper piano
    pigeon pine planet plank plum pocket poem pond poppy porch potato prism puddle pump quartz quill rabbit radio raft rain raven reed
    reef ribbon rice ridge ring river robin rock rocket roof rope rose ruby rug saddle saffron sage sail salmon salt sand satin scarf sea seal
    seed seven shell ship shore silk silver six slate snow soap sonnet south spark spoon spruce square stable star stone stove straw stream
    sugar summit sun swan table teal tent thistle three thyme tide tiger tile timber tin toad toast torch tower trail train tree trout tulip
    tunnel turtle twig two valley vase velvet vine violet violin walnut water wave wax weaver well west whale wheat wheel willow wind window
    wing winter wolf wood wool wren yacht yarn zebra zinc`.split(/\s+/),
}

/** Four words joined by hyphens, each drawn without bias from some 350: about 34 bits, for a server that counts wrong guesses. */
export function newPassword(locale: Locale, random: (below: number) => number = randomBelow): string {
  const list = words[locale]
  return Array.from({ length: 4 }, () => list[random(list.length)]).join('-')
}

function randomBelow(below: number): number {
  const limit = Math.floor(2 ** 32 / below) * below
  const box = new Uint32Array(1)
  do crypto.getRandomValues(box)
  while (box[0]! >= limit)
  return box[0]! % below
}
