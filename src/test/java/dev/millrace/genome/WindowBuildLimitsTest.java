package dev.millrace.genome;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.batch.Split;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.ChildJvm;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.Verification;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Builders of windows with many contigs and little memory, and builders that are killed. */
final class WindowBuildLimitsTest {
    private static final int SMALL_HEAP = 24;

    @TempDir
    Path folder;

    @Test
    void windowDatabase_ofManyContigs_isBuiltInASmallHeap() throws Exception {
        // As lists of strings alone these contigs would take more than the heap.
        assertThat(child("once", folder.resolve("w.db"), 150_000, 328)).startsWith("450000 windows of 150000 contigs");
    }

    @Test
    @Tag("campaign")
    void windowDatabase_ofTenMillionWindows_isBuiltInASmallHeap() throws Exception {
        assertThat(child("once", folder.resolve("w.db"), 1_000, 1_000_028)).startsWith("10000000 windows");
        Files.delete(folder.resolve("w.db"));
        assertThat(child("once", folder.resolve("w.db"), 10_000_000, 128)).startsWith("10000000 windows");
    }

    @Test
    void windowSet_takesAtMostOneHundredFiftyBytesOfAContig() throws Exception {
        Path store = folder.resolve("s.db");
        WindowBuildMain.store(store, 50_000, 1_000_028);
        long before = Files.size(store);
        WindowIndexReport report = WindowBuildMain.build(store, 50_000, 1_000_028, 100);

        assertThat(report.windows()).isEqualTo(50_000L * 10_000);
        assertThat((Files.size(store) - before) / 50_000.0).isLessThan(30);
        assertThat(Verification.verify(store).faults()).isEmpty();
    }

    @Test
    void store_killedWhileWindowsAreAdded_hasTheOldOrTheNew() throws Exception {
        killRepeatedly(4, 1);
    }

    @Test
    @Tag("campaign")
    void store_killedManyTimes_hasTheOldOrTheNew() throws Exception {
        killRepeatedly(150, 2);
    }

    private void killRepeatedly(int kills, long seed) throws Exception {
        Path store = folder.resolve("s.db");
        WindowBuildMain.store(store, 20_000, 1_028);
        WindowBuildMain.build(store, 20_000, 1_028, 50);
        Random random = new Random(seed);
        int hot = 0;
        for (int kill = 0; kill < kills; kill++) {
            try (ChildJvm builder =
                    ChildJvm.start(folder, WindowBuildMain.class, "again", store.toString(), "20000", "1028")) {
                assertThat(builder.awaitLine("next")).isTrue();
                assertThat(builder.awaitLine("next")).isTrue();
                Thread.sleep(random.nextInt(400));
                builder.kill();
            }
            hot += Files.exists(folder.resolve("s.db-journal")) ? 1 : 0;

            assertThat(Verification.verify(store).faults())
                    .as("kill %d, seed %d", kill, seed)
                    .isEmpty();
            WindowSet set = WindowSetCopy.sets(store).get(Split.ALL);
            int stride = set.geometry().stride();
            assertThat(stride).isIn(List.of(50, 100));
            assertThat(set.totalWindows())
                    .isEqualTo(20_000 * set.geometry().windows(1_028))
                    .isEqualTo(sum(store));
        }
        System.out.printf("%d kills, %d of them within a transaction%n", kills, hot);
        if (kills > 20) {
            assertThat(hot).isPositive();
        }
    }

    private static long sum(Path store) {
        try (Database database = Database.open(store, Access.READ)) {
            return database.queryLong("SELECT sum(windows) FROM window_contigs");
        }
    }

    private String child(String what, Path file, long contigs, long length) throws IOException {
        try (ChildJvm child = ChildJvm.start(
                folder,
                SMALL_HEAP,
                WindowBuildMain.class,
                what,
                file.toString(),
                String.valueOf(contigs),
                String.valueOf(length))) {
            List<String> lines = child.remainingLines();
            lines.forEach(System.out::println);
            assertThat(lines).hasSize(1);
            return lines.get(0);
        }
    }
}
