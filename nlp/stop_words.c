#include "nlp/stop_words.h"

#include <string.h>

static const struct {
  const char *language, *words;
} lists[] = {
    {"dutch",
     "de het een die dat deze dit geen elk elke ieder iedere al alle "
     "ik jij je hij zij ze wij we jullie hen hun haar hem mij me jou ons onze mijn jouw uw zijn "
     "zich zelf men er wie wat welk welke u "
     "ben bent is was waren geweest heb hebt heeft hebben had hadden gehad word wordt worden werd "
     "werden geworden zal zult zullen zou zouden kan kunt kunnen kon konden mag mogen moet moeten "
     "moest wil wilt willen "
     "aan achter af bij binnen boven buiten door in langs met na naar naast om onder op over per "
     "sinds te tegen ten ter tot tussen uit van vanaf via voor zonder "
     "en of maar want dus als dan omdat terwijl toen hoewel hoe waar wanneer waarom "
     "niet nog ook wel zo hier daar nu toch"},
    {"english",
     "a an the this that these those some any no every each all both either neither another other "
     "such same own "
     "i me my mine myself we us our ours ourselves you your yours yourself yourselves he him his "
     "himself she her hers herself it its itself they them their theirs themselves who whom whose "
     "which what "
     "am is are was were be been being have has had having do does did doing will would shall "
     "should can could may might must ought "
     "about above across after against along among around at before behind below beneath beside "
     "between beyond by down during for from in inside into near of off on onto out outside over "
     "since through to toward under until up upon with within without "
     "and or but nor so yet if because as than though although unless while whether "
     "not here there when where why how then too very just only again once also "
     "ain aren couldn didn doesn don hadn hasn haven isn ll re shouldn ve wasn weren wouldn"},
    {"french",
     "le la les un une des du de au aux ce cet cette ces mon ma mes ton ta tes son sa ses notre "
     "nos votre vos leur leurs quel quelle quels quelles tout toute tous toutes aucun aucune "
     "je tu il elle on nous vous ils elles me te se lui eux moi toi soi y en qui que qu quoi dont "
     "celui celle ceux celles ceci cela ça c d j l m n s t "
     "suis es est sommes êtes sont étais était étions étiez étaient été être sera serai seras "
     "serons seront serait fut ai as a avons avez ont avais avait avions avaient avoir eu aura "
     "aurai auras auront aurait "
     "à dans par pour sur sous avec sans chez vers entre contre depuis pendant avant après dès "
     "jusque jusqu "
     "et ou où mais donc or ni car si comme quand lorsque puisque parce "
     "ne pas plus non aussi très"},
    {"german",
     "der die das den dem des ein eine einen einem einer eines kein keine keinen keinem keiner "
     "keines dieser diese dieses diesen diesem jener jene jenes jeder jede jedes jeden jedem "
     "ich du er sie es wir ihr mich dich sich uns euch mir dir ihm ihn ihnen mein meine meinen "
     "meinem meiner meines dein deine deinen deinem deiner deines sein seine seinen seinem seiner "
     "seines ihre ihren ihrem ihrer unser unsere unseren unserem unserer euer eure euren eurem "
     "eurer man wer wen wem was welche welcher welches "
     "bin bist ist sind seid war warst waren wart gewesen habe hast hat haben habt hatte hattest "
     "hatten werde wirst wird werden werdet wurde wurden worden kann kannst können könnt konnte "
     "muss musst müssen soll sollst sollen will willst wollen darf "
     "an am auf aus bei beim bis durch für gegen hinter in im ins mit nach neben ohne über um "
     "unter von vom vor während wegen zu zum zur zwischen seit "
     "und oder aber denn sondern wenn weil dass daß ob als wie "
     "doch auch nicht noch nur schon so sehr da dann dort hier wo nun"},
    {"italian",
     "il lo la i gli le un uno una del dello della dei degli delle al allo alla ai agli alle dal "
     "dallo dalla dai dagli dalle nel nello nella nei negli nelle sul sullo sulla sui sugli sulle "
     "col questo questa questi queste quello quella quelli quelle quel quei l "
     "mio mia miei mie tuo tua tuoi tue suo sua suoi sue nostro nostra nostri nostre vostro vostra "
     "loro io tu lui lei noi voi essi me te mi ti si ci vi ne li che chi cui quale quali "
     "sono sei è siamo siete era ero eri eravamo erano fu stato stata essere sia ho hai ha abbiamo "
     "avete hanno avevo avevi aveva avevano avere "
     "di a da in con su per tra fra senza sotto sopra verso contro dopo prima "
     "e ed o od ma se perché come quando dove mentre anche né non più così già qui"},
    {"portuguese",
     "o a os as um uma uns umas do da dos das no na nos nas ao à aos às pelo pela pelos pelas num "
     "numa dum duma este esta estes estas esse essa esses essas aquele aquela aqueles aquelas isto "
     "isso aquilo meu minha meus minhas teu tua teus tuas seu sua seus suas nosso nossa nossos "
     "nossas "
     "eu tu ele ela nós vós eles elas você vocês me te se lhe lhes mim ti si comigo contigo que "
     "quem qual quais cujo "
     "sou és é somos são era eras éramos eram fui foi foram seja ser sido estou está estamos estão "
     "estava estavam estar tenho tem temos têm tinha ter há havia "
     "de em por para com sem sob sobre entre até após desde contra ante "
     "e ou mas nem porque pois como quando onde enquanto embora "
     "não já mais muito também só tão"},
    {"spanish",
     "el la los las lo un una unos unas al del este esta estos estas ese esa esos esas aquel "
     "aquella aquellos aquellas mi mis tu tus su sus nuestro nuestra nuestros nuestras vuestro "
     "vuestra vuestros vuestras "
     "yo tú él ella ello nosotros nosotras vosotros ellos ellas usted ustedes me te se nos os le "
     "les mí ti sí conmigo contigo que qué quien quién quienes cual cuál cuales cuyo "
     "soy eres es somos sois son era eras éramos eran fui fue fueron sea ser sido siendo estoy "
     "estás está estamos están estaba estaban estar he has ha hemos han había habían haber hay "
     "a ante bajo con contra de desde durante en entre hacia hasta para por según sin sobre tras "
     "y e o u ni pero sino si porque pues aunque como cómo cuando cuándo donde dónde mientras "
     "no ya muy más también tan"},
    {"swedish",
     "en ett den det de denna detta dessa någon något några ingen inget inga varje all alla allt "
     "jag du han hon vi ni man mig dig honom henne oss er dem sig min mitt mina din ditt dina hans "
     "hennes dess vår vårt våra ert era deras sin sitt sina som vem vad vilken vilket vilka "
     "är var varit vara blir blev bli blivit har hade haft ha ska skall skulle kan kunde vill "
     "ville måste får fick "
     "av bakom bland efter enligt för från före genom hos i in inom med mellan mot om på sedan "
     "till under upp ur utan ut vid åt över "
     "och eller men att så när medan därför eftersom än där här hur då nu "
     "inte ej icke också bara"},
};

const char *hn_stop_words(const char *language, size_t n) {
  for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
    if (strlen(lists[i].language) == n && memcmp(lists[i].language, language, n) == 0)
      return lists[i].words;
  return NULL;
}
