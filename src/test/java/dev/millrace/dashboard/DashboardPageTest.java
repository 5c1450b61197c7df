package dev.millrace.dashboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.chart.Notation;
import dev.millrace.metrics.MetricsStore;
import dev.millrace.metrics.Run;
import dev.millrace.metrics.RunStatus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** The page in a real browser. Skipped where there is none. */
final class DashboardPageTest {
    private static final Duration FLUSH = Duration.ofSeconds(20);
    private static final String HOSTILE = "<img src=x onerror=document.title='owned'><b>bold</b>";
    /** How many points of a chart's picture are drawn in another colour than its greys. */
    private static final String COLOURED = """
            (() => {
              const canvas = document.querySelector('.card canvas');
              const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
              let coloured = 0;
              for (let i = 0; i < data.length; i += 4) {
                const low = Math.min(data[i], data[i + 1], data[i + 2]);
                const high = Math.max(data[i], data[i + 1], data[i + 2]);
                coloured += data[i + 3] > 100 && high - low > 60 ? 1 : 0;
              }
              return coloured;
            })()""";

    // A browser that is ending may still write to its folder.
    @TempDir(cleanup = CleanupMode.NEVER)
    static Path folder;

    private static Path file;
    private static DashboardServer server;
    private static Browser browser;
    private static MetricsStore store;
    private static Run live;

    @BeforeAll
    static void open() throws IOException, InterruptedException {
        Optional<Path> program = Browser.find();
        assumeTrue(program.isPresent(), "No browser here (chromium, google-chrome): the page is not tested.");
        file = Files.createDirectories(folder.resolve("runs")).resolve("metrics.db");
        SampleRuns.write(file, System.currentTimeMillis() - 60_000, 0.2);
        store = MetricsStore.open(file);
        live = store.startRun(HOSTILE, Map.of("learning_rate", 0.002, HOSTILE, HOSTILE));
        live.tag(HOSTILE);
        live.event("warning", HOSTILE);
        live.stage(HOSTILE);
        live.log(1, "loss", 3);
        store.flush(FLUSH);
        server = DashboardServer.start(DashboardSettings.of(List.of(file)));
        browser = Browser.start(program.get(), folder.resolve("profile"), 1280, 800);
    }

    @AfterAll
    static void close() throws IOException {
        if (browser != null) {
            browser.close();
            deleteWhatCanBe(folder.resolve("profile"));
        }
        if (server != null) {
            server.close();
        }
        if (store != null) {
            store.close();
        }
    }

    @BeforeEach
    void load() {
        browser.errors.clear();
        browser.size(1280, 800, 1, false);
        show("runs=0.1:0+0.2:1+0.3:2");
    }

    @AfterEach
    void noErrors() {
        assertThat(browser.errors).as("errors in the console").isEmpty();
    }

    @Test
    void page_ofSeveralRuns_listsThemAndDrawsTheirCharts_askingNobodyElse() {
        browser.await(COLOURED + " > 500");

        assertThat(browser.number("document.querySelectorAll('table.runs tbody tr').length"))
                .isGreaterThanOrEqualTo(5);
        assertThat(browser.text("document.querySelector('[data-run=\"0.1\"] .status').textContent"))
                .isEqualTo("finished");
        assertThat(browser.text("location.href")).doesNotContain("token");
        assertThat(browser.text("document.cookie")).isEmpty();
        assertThat(browser.requests)
                .filteredOn(address -> !address.startsWith("http://127.0.0.1:" + server.port() + "/"))
                .isEmpty();
    }

    @Test
    void valueOfRunningRun_appearsByItself(TestReporter reporter) {
        show("runs=0.5:0&metrics=probe");
        for (int i = 1; i <= 3; i++) {
            double value = 1_000 + i;
            live.log(i, "probe", value);
            long millis = browser.await("document.querySelector('.legend b')?.textContent === '1,00" + i + "'");
            reporter.publishEntry("from log() to the screen, ms", String.valueOf(millis));
        }

        assertThat(browser.text("document.getElementById('live').className")).isEqualTo("live");
    }

    @Test
    void runsThatEnded_areNotAskedForWithEachValueOfALiveOne() {
        show("runs=0.1:0+0.2:1+0.5:2&metrics=beside");
        browser.requests.clear();
        for (int i = 1; i <= 6; i++) {
            live.log(i, "beside", 2_000 + i);
            browser.await("[...document.querySelectorAll('.legend b')].some((value) => value.textContent === '2,00" + i
                    + "')");
        }

        assertThat(browser.requests)
                .filteredOn(address -> address.contains("run?run=0.5"))
                .hasSizeGreaterThanOrEqualTo(6);
        assertThat(browser.requests)
                .filteredOn(address -> address.contains("run?run=0.1"))
                .hasSizeLessThan(6);
    }

    @Test
    void runThatStartsLater_appearsWithoutShiftingThePage() {
        browser.evaluate("""
                window.shifted = 0;
                new PerformanceObserver((list) => {
                  for (const entry of list.getEntries()) { window.shifted += entry.hadRecentInput ? 0 : entry.value; }
                }).observe({type: 'layout-shift', buffered: false}); 0""");
        Run later = store.startRun("later", Map.of());
        for (int step = 1; step <= 30; step++) {
            later.log(step, "loss", 1.0 / step);
            live.log(100 + step, "loss", 1.0 / step);
        }
        later.finish(RunStatus.FINISHED);

        browser.await("[...document.querySelectorAll('.runname')].some((name) => name.textContent === 'later')");
        browser.await("document.querySelector('table.runs tbody tr').innerText.includes('finished')");

        assertThat(browser.number("window.shifted")).isLessThan(0.05);
    }

    @Test
    void keyboard_changesScaleSmoothingAxisAndView() {
        browser.await(COLOURED + " > 500");
        String linear = picture();

        browser.press("l");
        browser.await("document.getElementById('log').getAttribute('aria-pressed') === 'true'");
        browser.await("location.hash.includes('log=1')");
        assertThat(settled(linear)).as("a logarithmic picture").isNotEqualTo(linear);
        browser.press("]");
        browser.await("document.querySelector('.slider output').textContent === '0.70'");
        browser.press("s");
        browser.await("document.querySelector('.segments [aria-pressed=\"true\"]').textContent === 'Relative'");
        browser.press("3");
        browser.await("document.querySelector('.compare table .winner') !== null");
        assertThat(browser.text("document.querySelector('.differs th').textContent"))
                .isNotEmpty();
        browser.press("2");
        browser.await("document.querySelectorAll('.lane').length >= 6");
        browser.await("document.querySelectorAll('.stage:not([hidden])').length >= 2");
        browser.press("4");
        browser.await("document.querySelectorAll('.events tbody tr').length >= 3");
        browser.press("?");
        browser.await("document.getElementById('shortcuts').open");
        browser.press("Escape");
        browser.await("!document.getElementById('shortcuts').open");
        browser.press("x");
        browser.await("document.querySelector('#view .empty h2').textContent === 'No run chosen'");
    }

    @Test
    void chart_isReadAndZoomedByKeyboard() {
        browser.await(COLOURED + " > 500");
        browser.evaluate("document.querySelector('.area').focus()");

        browser.press("ArrowLeft", "ArrowLeft");
        browser.await("document.getElementById('spoken').textContent.includes('baseline')");
        browser.press("+");
        browser.await("location.hash.includes('zoom=step')");
        browser.await("!document.getElementById('reset').disabled");
        browser.press("0");
        browser.await("!location.hash.includes('zoom')");
    }

    @Test
    void pointer_zoomsByDraggingAndShowsValuesInAllCharts() {
        browser.await(COLOURED + " > 500");
        double left = browser.number("document.querySelector('.area').getBoundingClientRect().left");
        double top = browser.number("document.querySelector('.area').getBoundingClientRect().top") + 60;

        browser.mouse("mouseMoved", left + 150, top, 0);
        browser.await("document.querySelector('.tip:not([hidden])')?.textContent.startsWith('step')");
        browser.mouse("mousePressed", left + 150, top, 1);
        browser.mouse("mouseMoved", left + 200, top, 1);
        browser.mouse("mouseMoved", left + 260, top, 1);
        browser.mouse("mouseReleased", left + 260, top, 1);
        browser.await("location.hash.includes('zoom=step')");
        browser.mouse("mousePressed", left + 150, top, 1);
        browser.mouse("mouseReleased", left + 150, top, 1);
        browser.mouse("mousePressed", left + 150, top, 2);
        browser.mouse("mouseReleased", left + 150, top, 2);
        browser.await("!location.hash.includes('zoom')");
    }

    @Test
    void hostileNames_stayText() {
        for (String view : List.of("charts", "resources", "compare", "events")) {
            show("view=" + view + "&runs=0.5:0+0.1:1");
            browser.await("document.querySelector('#view').innerText.includes('<b>bold</b>')"
                    + (view.equals("resources") ? " || document.querySelector('#focus') !== null" : ""));
        }

        assertThat(browser.number("document.querySelectorAll('#view b b, main img, aside img, aside b').length"))
                .isZero();
        assertThat(browser.text("document.title")).doesNotContain("owned");
    }

    @Test
    void view_isKeptInTheAddress() {
        browser.press("l", "]", "2");
        browser.await("location.hash.includes('view=resources')");

        browser.send("Page.reload", Map.of());
        browser.await("document.querySelectorAll('.lane').length >= 6");

        assertThat(browser.text("location.hash")).contains("log=1", "smooth=0.7", "view=resources", "0.2%3A1");
        assertThat(browser.text("document.querySelector('[role=tab][aria-selected=true]').textContent"))
                .isEqualTo("Resources");
    }

    @Test
    void runs_areFilteredSortedAndChosen() {
        browser.press("/", "s", "w", "e", "e", "p");
        browser.await("document.querySelectorAll('table.runs tbody tr').length === 3");
        browser.press("Escape");
        browser.evaluate("document.querySelector('th.best button').click()");
        browser.evaluate("document.querySelector('th.best button').click()");
        browser.await("document.querySelector('table.runs tbody .runname').textContent === 'wide-512'");
        browser.press("a");
        browser.await("document.querySelector('.total').textContent.includes('3 chosen')");
    }

    @Test
    void phone_hasNoSidewaysScrolling() {
        browser.size(360, 740, 2, true);
        for (String view : List.of("charts", "resources", "compare", "events")) {
            show("view=" + view + "&runs=0.1:0+0.5:1");
            browser.await("document.querySelectorAll('#view canvas, #view table').length > 0");

            assertThat(browser.number("document.documentElement.scrollWidth"))
                    .as(view)
                    .isLessThanOrEqualTo(360);
        }
    }

    @Test
    void lostConnection_isSaidAndFoundAgain() {
        browser.send(
                "Network.emulateNetworkConditions",
                Map.of("offline", true, "latency", 0, "downloadThroughput", -1, "uploadThroughput", -1));
        browser.await("!document.getElementById('lost').hidden");

        browser.send(
                "Network.emulateNetworkConditions",
                Map.of("offline", false, "latency", 0, "downloadThroughput", -1, "uploadThroughput", -1));
        browser.await("document.getElementById('lost').hidden");
        // The browser itself notes each request that did not get through.
        browser.errors.removeIf(error -> error.contains("ERR_INTERNET_DISCONNECTED"));
    }

    @Test
    void theme_isChangedAndPauseHoldsUpdates() {
        String before = browser.text("getComputedStyle(document.body).backgroundColor");
        browser.press("t");
        browser.await("getComputedStyle(document.body).backgroundColor !== '" + before + "'");
        browser.press("t", "p");
        browser.await("document.getElementById('live-text').textContent === 'paused'");
        browser.press("p");
        browser.await("document.getElementById('live-text').textContent === 'live'");
    }

    @Test
    void newAddress_isTakenOverWhateverHappensMeanwhile() {
        // What the page itself changes before it hears of the new address must not put the old one back.
        browser.evaluate("""
                location.hash = 'view=compare&runs=0.2:4';
                document.dispatchEvent(new KeyboardEvent('keydown', {key: 'l'})); 0""");

        browser.await("document.querySelectorAll('table.runs input:checked').length === 1");
        assertThat(browser.text("location.hash")).contains("view=compare");
        assertThat(browser.number("document.querySelectorAll('[data-run=\"0.2\"] input:checked').length"))
                .isOne();
    }

    @Test
    void skipLink_goesToTheChartsAndKeepsTheView() {
        show("view=compare&runs=0.1:0+0.2:1");
        browser.evaluate("document.querySelector('.skip').focus()");
        browser.press("Enter");

        browser.await("document.activeElement.id === 'main'");
        // The list is drawn anew by each change of the address.
        browser.press("l");
        browser.await("location.hash.includes('log=1')");
        assertThat(browser.number("document.querySelectorAll('table.runs input:checked').length"))
                .isEqualTo(2);
        assertThat(browser.text("location.hash")).contains("view=compare");
    }

    @Test
    void smallZoom_isKeptInTheAddress() {
        show("x=epoch&zoom=epoch:-1e-7:2.5e-7&runs=0.1:0");
        browser.await("!document.getElementById('reset').disabled");
    }

    @Test
    void numbers_areWrittenAsInPlotsAndReports() {
        for (double value :
                new double[] {0, 0.25134, -0.5, 1, 999.94, 1_234.5, -45_678, 1_234_567, 0.00025, 3e-5, 2e9}) {
            assertThat(browser.text("(await import('/format.js')).number(" + value + ")"))
                    .isEqualTo(Notation.number(value));
        }
    }

    @Test
    void clockAxis_ofDays_saysWhereEachBegins() {
        assertThat(browser.text(
                        "(await import('/ticks.js')).label('time', new Date(2026, 10, 9).getTime(), 6 * 3600000)"))
                .isEqualTo("Nov 9");
        assertThat(browser.text(
                        "(await import('/ticks.js')).label('time', new Date(2026, 10, 9, 6).getTime(), 6 * 3600000)"))
                .isEqualTo("06:00");
        assertThat(browser.text("(await import('/format.js')).place('time', new Date(2026, 10, 9, 6).getTime(),"
                        + " new Date(2026, 10, 11).getTime())"))
                .isEqualTo("2026-11-09 06:00:00");
    }

    @Test
    void refusal_isShownInItsOwnWords() {
        browser.evaluate("""
                window.fetch = async () => new Response('Reading took longer than 5 s.', {status: 504}); 0""");
        browser.await("document.getElementById('lost').innerText.includes('Reading took longer than 5 s.')");
    }

    private static void show(String hash) {
        // As a shared address is opened; the mark tells the page before from the one that comes.
        browser.evaluate("window.left = true");
        browser.open(server.address() + "#" + hash);
        browser.await("!window.left && location.pathname === '/' && !location.search");
        browser.await("document.querySelectorAll('table.runs tbody tr').length >= 5");
        int chosen = hash.replaceAll(".*runs=", "").replaceAll("&.*", "").split("\\+").length;
        browser.await("document.querySelectorAll('table.runs input:checked').length === " + chosen);
    }

    private static void deleteWhatCanBe(Path tree) throws IOException {
        try (var entries = Files.walk(tree)) {
            for (Path entry : entries.sorted(Comparator.reverseOrder()).toList()) {
                if (!entry.toFile().delete()) {
                    entry.toFile().deleteOnExit();
                }
            }
        } catch (UncheckedIOException e) {
            // The browser deletes its own files meanwhile.
        }
    }

    private static String picture() {
        return browser.text("document.querySelector('.card canvas').toDataURL()");
    }

    /** The picture once it is another than this one. */
    private static String settled(String before) {
        browser.await("document.querySelector('.card canvas').toDataURL() !== '" + before + "'");
        return picture();
    }
}
