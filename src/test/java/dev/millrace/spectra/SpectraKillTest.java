package dev.millrace.spectra;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.sqlite.Verification;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A build in another JVM is killed with SIGKILL; the file under its name is then absent, the old one, or complete. */
class SpectraKillTest {
    private static final int COMPOUNDS = 500;

    @TempDir
    Path folder;

    @Test
    void build_killedAtAnyMoment_leavesTheOldFileOrACompleteOne() throws Exception {
        kill(20, 71);
    }

    @Test
    @Tag("campaign")
    void build_killedHundredsOfTimes_leavesTheOldFileOrACompleteOne() throws Exception {
        kill(200, 72);
    }

    @Test
    void append_killedAtAnyMoment_leavesTheOldFileOrTheNewOne() throws Exception {
        append(4, 73);
    }

    @Test
    @Tag("campaign")
    void append_killedHundredsOfTimes_leavesTheOldFileOrTheNewOne() throws Exception {
        append(200, 74);
    }

    private void append(int kills, long seed) throws Exception {
        SpectraFixture sample = SpectraFixture.sample(folder, COMPOUNDS, 3);
        String all = Files.readString(sample.msp());
        int half = all.indexOf("Name: Synthetic compound 201\n");
        Files.writeString(sample.msp(), all.substring(0, half));
        Files.writeString(second(folder), all.substring(half));
        sample.builder().build();
        byte[] old = Files.readAllBytes(sample.database());
        long whole = run(-1, "append");
        List<String> added = SpectraFixture.contents(sample.database());
        assertThat(added).hasSize(COMPOUNDS);
        Random random = new Random(seed);
        int untouched = 0;
        for (int i = 0; i < kills; i++) {
            Files.write(sample.database(), old);
            run((long) (whole * (i + random.nextDouble()) / kills), "append");
            if (Files.size(sample.database()) == old.length) {
                assertThat(Files.readAllBytes(sample.database()))
                        .as("kill %d, seed %d", i, seed)
                        .isEqualTo(old);
                untouched++;
            } else {
                assertThat(Verification.verify(sample.database()).faults()).isEmpty();
                assertThat(SpectraFixture.contents(sample.database())).isEqualTo(added);
            }
        }
        assertThat(untouched).as("kills before publication").isPositive();
        sample.builder().setMsp(second(folder)).optAppend(true).build();
        assertThat(SpectraFixture.contents(sample.database())).isEqualTo(added);
        assertThat(folder.resolve("spectra.db.partial")).doesNotExist();
        assertThat(folder.resolve("spectra.db.partial.copy")).doesNotExist();
    }

    private static Path second(Path folder) {
        return folder.resolve("second.msp");
    }

    private void kill(int kills, long seed) throws Exception {
        SpectraFixture sample = SpectraFixture.sample(folder, COMPOUNDS, 3);
        Random random = new Random(seed);
        long whole = run(-1, "build");
        List<String> complete = SpectraFixture.contents(sample.database());
        assertThat(complete).hasSize(COMPOUNDS);
        int absent = 0;
        for (int i = 0; i < kills; i++) {
            boolean without = i % 2 == 0;
            if (without) {
                Files.deleteIfExists(sample.database());
            }
            // From the start of the build to just after its end.
            run((long) (whole * random.nextDouble() * 1.1), "build");
            if (Files.exists(sample.database())) {
                assertThat(Verification.verify(sample.database()).faults())
                        .as("kill %d, seed %d", i, seed)
                        .isEmpty();
                assertThat(SpectraFixture.contents(sample.database())).isEqualTo(complete);
            } else {
                assertThat(without).isTrue();
                absent++;
                sample.builder().build();
            }
        }
        assertThat(absent).as("kills before publication").isPositive();
        sample.builder().optRebuild(true).build();
        assertThat(folder.resolve("spectra.db.partial")).doesNotExist();
        assertThat(SpectraFixture.contents(sample.database())).isEqualTo(complete);
    }

    /** Builds in a child; kills it so long after it said that it begins. Returns how long it ran after that. */
    private long run(long killAfterNanos, String what) throws IOException, InterruptedException {
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Child.class.getName(),
                        folder.toString(),
                        what)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            assertThat(child.getInputStream().read()).isEqualTo('b');
            long start = System.nanoTime();
            if (killAfterNanos >= 0) {
                child.waitFor(killAfterNanos, TimeUnit.NANOSECONDS);
            } else {
                assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
                assertThat(child.exitValue()).isZero();
            }
            return System.nanoTime() - start;
        } finally {
            child.destroyForcibly().waitFor();
        }
    }

    /** The build that is killed. */
    static final class Child {
        private Child() {}

        public static void main(String[] arguments) throws IOException {
            System.out.write('b');
            System.out.flush();
            SpectraBuilder builder = new SpectraFixture(Path.of(arguments[0])).builder();
            if (arguments[1].equals("append")) {
                builder.setMsp(second(Path.of(arguments[0]))).optAppend(true).build();
            } else {
                builder.optRebuild(true).build();
            }
        }
    }
}
