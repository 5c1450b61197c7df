package dev.millrace.dashboard;

import dev.millrace.metrics.ClockedStores;
import dev.millrace.metrics.MetricsStore;
import dev.millrace.metrics.Run;
import dev.millrace.metrics.Stage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;

/** Takes the pictures of the page that a person looks at: {@code Screenshots FOLDER}. Not part of the suite. */
final class Screenshots {
    private Screenshots() {}

    public static void main(String[] arguments) throws Exception {
        Path out = Files.createDirectories(Path.of(arguments[0]));
        Path folder = Files.createTempDirectory("millrace-pictures");
        Path file = Files.createDirectories(folder.resolve("spectra-sweep")).resolve("metrics.db");
        long now = System.currentTimeMillis();
        SampleRuns.write(file, now - 60_000, 1);
        SampleRuns.writeCrashed(file);
        long start = now - 22 * 60_000;
        ClockedStores.Hand clock = new ClockedStores.Hand(start);
        try (MetricsStore store = ClockedStores.open(file, clock)) {
            Run run = SampleRuns.begin(store, SampleRuns.live());
            Stage build = run.stage("build.features");
            clock.set(start + 120_000);
            build.close();
            run.stage("train");
            store.flush(Duration.ofSeconds(10));
            SampleRuns.lengthenStages(file);
            for (int epoch = 1; epoch <= 17; epoch++) {
                SampleRuns.epoch(run, clock, SampleRuns.live(), start + 45_000, epoch, new Random(epoch));
                store.flush(Duration.ofSeconds(10));
            }
            clock.set(System.currentTimeMillis());
            run.log(1701, "loss", 0.41);
            store.flush(Duration.ofSeconds(10));
            try (DashboardServer server = DashboardServer.start(DashboardSettings.of(List.of(file)));
                    Browser browser =
                            Browser.start(Browser.find().orElseThrow(), folder.resolve("profile"), 1440, 900)) {
                take(server, browser, out);
            }
        }
        Path empty = folder.resolve("empty");
        Files.createDirectories(empty);
        try (DashboardServer server = DashboardServer.start(DashboardSettings.of(List.of(empty)));
                Browser browser = Browser.start(Browser.find().orElseThrow(), folder.resolve("profile-2"), 1440, 900)) {
            browser.size(1440, 900, 1, false);
            browser.open(server.address());
            browser.await("document.querySelector('#view .empty h2').textContent === 'No run yet'");
            browser.screenshot(out.resolve("empty.png"));
        }
    }

    private static void take(DashboardServer server, Browser browser, Path out) throws Exception {
        String all = "runs=0.1:0+0.2:1+0.3:2+0.4:3+0.5:4+0.6:5";
        browser.size(1440, 900, 1, false);
        browser.dark(false);
        browser.open(server.address());
        String base = server.address().toString().replaceAll("\\?.*", "");
        browser.await("document.querySelectorAll('.card canvas').length > 2");
        browser.screenshot(out.resolve("first.png"));
        show(browser, base, "#" + all, out, "light");
        browser.dark(true);
        show(browser, base, "#" + all, out, "dark");
        show(browser, base, "#view=resources&" + all + "&focus=0.2", out, "resources-dark");
        browser.dark(false);
        show(browser, base, "#view=resources&" + all + "&focus=0.2", out, "resources");
        show(browser, base, "#view=compare&" + all, out, "compare");
        show(browser, base, "#view=events&" + all, out, "events");
        show(browser, base, "#zoom=step:880:1120&runs=0.1:0+0.4:3", out, "zoomed");
        show(browser, base, "#view=resources&runs=0.5:4", out, "crashed");
        show(browser, base, "#log=1&x=epoch&" + all, out, "log-epoch");
        browser.press("?");
        browser.screenshot(out.resolve("help.png"));
        browser.size(360, 780, 2, true);
        show(browser, base, "#" + all, out, "phone");
        browser.evaluate("window.scrollTo(0, 480)");
        browser.screenshot(out.resolve("phone-charts.png"));
        show(browser, base, "#view=resources&" + all, out, "phone-resources");
        browser.evaluate("window.scrollTo(0, 420)");
        browser.screenshot(out.resolve("phone-resources.png"));
        System.out.println("errors: " + browser.errors);
    }

    private static void show(Browser browser, String base, String hash, Path out, String name) throws Exception {
        browser.open(base + "?n=" + name + hash);
        browser.await("document.querySelectorAll('#view canvas, #view table').length > 0");
        Thread.sleep(1200);
        if (name.equals("light") || name.equals("dark")) {
            browser.mouse("mouseMoved", 655, 420, 0);
        }
        browser.screenshot(out.resolve(name + ".png"));
    }
}
