package dev.millrace.kv;

import static dev.millrace.kv.KvTests.bytes;
import static dev.millrace.kv.KvTests.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.sqlite.ChildJvm;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is in the file after its writer was killed: all that was promised, and nothing that was never there. */
final class KvKillTest {
    private static final long SEED = 20261130;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource
    void kill_whileWriting_keepsWhatWasPromised(KvChild.Work work) throws Exception {
        killRepeatedly(work, 5);
    }

    @ParameterizedTest
    @EnumSource
    @Tag("campaign")
    void kill_manyTimes_keepsWhatWasPromised(KvChild.Work work) throws Exception {
        killRepeatedly(work, 80);
    }

    private void killRepeatedly(KvChild.Work work, int kills) throws IOException, InterruptedException {
        Random random = new Random(SEED + work.name().hashCode());
        Map<Integer, Map<String, String>> before = new HashMap<>();
        for (int round = 0; round < kills; round++) {
            // Most rounds go on with the file that the one before left, whose end they have to repair.
            Path file = folder.resolve(work + " " + round / 4 + ".db");
            if (round % 4 == 0) {
                before.clear();
            }
            long seed = SEED + round;
            long[] acknowledged = new long[KvChild.THREADS];
            try (ChildJvm child =
                    ChildJvm.start(folder, KvChild.class, file.toString(), work.name(), Long.toString(seed))) {
                read(child.readLine(), acknowledged);
                Thread.sleep(random.nextInt(150));
                child.kill();
                for (String line : child.remainingLines()) {
                    read(line, acknowledged);
                }
                assertThat(child.await()).isEqualTo(137);
            }
            String label = work + " round " + round + " seed " + seed;
            assertThat(acknowledged)
                    .as(label)
                    .matches(all -> all[0] + all[1] + all[2] + all[3] > 0, "something acknowledged");
            KvTests.checkSound(file);
            for (int thread = 0; thread < KvChild.THREADS; thread++) {
                Map<String, String> stored = new TreeMap<>(KvTests.stored(file, KvChild.namespace(thread)));
                Map<String, String> old = before.getOrDefault(thread, Map.of());
                String what = label + " thread " + thread + " acknowledged " + acknowledged[thread];
                if (work == KvChild.Work.TOGETHER) {
                    checkTogether(stored, old, thread, acknowledged[thread], what);
                } else {
                    checkPrefix(work, stored, old, seed, thread, acknowledged[thread], what);
                }
                before.put(thread, stored);
            }
            if (round % 4 == 3) {
                checkWritable(file);
            }
        }
    }

    /** The last line may be cut. */
    private static void read(String line, long[] acknowledged) {
        if (line != null && line.matches("\\d \\d+")) {
            int thread = line.charAt(0) - '0';
            acknowledged[thread] = Math.max(acknowledged[thread], Long.parseLong(line.substring(2)));
        }
    }

    /** The file holds what the first n steps of a thread make of what was there, n being what was promised or more. */
    private static void checkPrefix(
            KvChild.Work work,
            Map<String, String> stored,
            Map<String, String> old,
            long seed,
            int thread,
            long acknowledged,
            String what) {
        // One that waits for each has at most one step under way. A line may be cut off, which is one more.
        long most = acknowledged + (work == KvChild.Work.PUT ? 2 : 100_000);
        Map<String, String> model = new TreeMap<>(old);
        long n = 0;
        while (n < acknowledged || !model.equals(stored)) {
            n++;
            assertThat(n).as("%s: stored %s", what, stored).isLessThanOrEqualTo(most);
            KvChild.Step step = KvChild.Step.of(seed, thread, n);
            if (step.value() == null) {
                model.remove(step.key());
            } else {
                model.put(step.key(), step.value());
            }
        }
    }

    private static void checkTogether(
            Map<String, String> stored, Map<String, String> old, int thread, long acknowledged, String what) {
        if (acknowledged == 0 && stored.equals(old)) {
            return;
        }
        assertThat(stored).as(what).hasSize(KvChild.BATCH);
        long n = Long.parseLong(stored.get("key 0").split(":", -1)[1]);
        assertThat(n).as(what).isBetween(acknowledged, acknowledged + 2);
        for (int i = 0; i < KvChild.BATCH; i++) {
            assertThat(stored.get("key " + i)).as(what).isEqualTo(KvChild.value(thread, n, i * 100));
        }
    }

    private static void checkWritable(Path file) {
        try (KvStore store = KvTests.writeThrough(file)) {
            store.namespace("after").put("key", bytes("value"));
            assertThat(text(store.namespace("after").get("key"))).isEqualTo("value");
        }
        KvTests.checkSound(file);
    }
}
