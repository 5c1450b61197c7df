package dev.millrace.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * SIGKILL at random moments of a JVM that does nothing but build the same target: rows, manifest, index, integrity check,
 * rename. After each: target absent, old or complete, and the next build works.
 */
class BuildKillTest {
    private static final int ROWS = 2_000;

    @TempDir
    Path folder;

    @Test
    void build_killedTwentyTimes_targetIsAbsentOldOrComplete() throws Exception {
        killRepeatedly(20, 1);
    }

    @Test
    @Tag("campaign")
    void build_killedManyTimes_targetIsAbsentOldOrComplete() throws Exception {
        killRepeatedly(300, 2);
    }

    private void killRepeatedly(int kills, long seed) throws Exception {
        Random random = new Random(seed);
        int absent = 0;
        int complete = 0;
        int midBuild = 0;
        for (int kill = 0; kill < kills; kill++) {
            Path target = folder.resolve("kill" + kill / 4 + ".db");
            ChildJvm builder = ChildJvm.start(BuildMain.class, target.toString(), String.valueOf(ROWS));
            // Every other one is killed while it replaces a file of its own, however slow the machine is.
            boolean replacing = kill % 2 == 1;
            assertThat(builder.awaitLine(replacing ? "built" : "started")).isTrue();
            Thread.sleep(random.nextInt(700));
            builder.kill();

            midBuild += Files.exists(folder.resolve(target.getFileName() + ".partial")) ? 1 : 0;
            if (Files.exists(target)) {
                complete++;
                Verification found = Verification.verify(target);
                assertThat(found.faults()).as("kill %d, seed %d", kill, seed).isEmpty();
                assertThat(found.rows().get("items")).isBetween((long) ROWS, ROWS + 7L);
            } else {
                assertThat(replacing).as("kill %d, seed %d", kill, seed).isFalse();
                absent++;
            }
            if (kill % 4 == 3) {
                SampleFile.write(target, 10);
                assertThat(Verification.verify(target).rows()).containsEntry("items", 10L);
                assertThat(strays()).isZero();
            }
        }
        System.out.printf(
                "%d kills: %d mid-build, target %d times complete, %d absent%n", kills, midBuild, complete, absent);
        assertThat(midBuild).isPositive();
        assertThat(complete).isGreaterThanOrEqualTo(kills / 2);
    }

    private long strays() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> !file.toString().endsWith(".db")).count();
        }
    }
}
