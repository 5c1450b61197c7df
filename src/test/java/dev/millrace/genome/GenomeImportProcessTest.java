package dev.millrace.genome;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.sqlite.Verification;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An import in another JVM: whatever is killed when, the store is absent or complete; and it takes little memory. */
final class GenomeImportProcessTest {
    @TempDir
    Path folder;

    @Test
    void import_killedAtAnyMoment_leavesNothingOrACompleteStore() throws Exception {
        kill(3, 11);
    }

    @Test
    @Tag("campaign")
    void import_killedManyTimes_leavesNothingOrACompleteStore() throws Exception {
        kill(100, 12);
    }

    @Test
    void contig_largerThanTheHeap_onOneLine_isImported() throws Exception {
        Path fasta = folder.resolve("big.fa");
        new GenomeSample(1, 60_000_000, true, 1, 0, 0, 0, 5).write(fasta, state -> {});
        Path store = folder.resolve("big.db");

        Process process = start("-Xmx40m", fasta, store);

        assertThat(process.waitFor(300, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
        try (GenomeStore opened = GenomeStore.open(store)) {
            assertThat(opened.contig("SYN__EXT-S1__CT1-1").length()).isEqualTo(60_000_000);
        }
    }

    private void kill(int kills, long seed) throws Exception {
        Path fasta = folder.resolve("f.fa");
        new GenomeSample(300, 60_000, false, 3, 0.01, 0.1, 80, seed).write(fasta, state -> {});
        Path store = folder.resolve("f.db");
        Random random = new Random(seed);
        long start = System.nanoTime();
        assertThat(start("-Xmx128m", fasta, store).waitFor()).isZero();
        long wholeMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        for (int i = 0; i < kills; i++) {
            Files.deleteIfExists(store);
            Process process = start("-Xmx128m", fasta, store);
            process.waitFor((long) (wholeMillis * random.nextDouble()), TimeUnit.MILLISECONDS);
            process.destroyForcibly().waitFor();
            if (Files.exists(store)) {
                assertThat(Verification.verify(store).faults())
                        .as("kill %d, seed %d", i, seed)
                        .isEmpty();
                try (GenomeStore opened = GenomeStore.open(store)) {
                    assertThat(opened.info()).containsEntry("contigs", "300");
                }
            }
        }
        // What a killed one left does not stand in the way.
        assertThat(start("-Xmx128m", fasta, store).waitFor()).isZero();
        assertThat(folder.resolve("f.db.partial")).doesNotExist();
    }

    private Process start(String heap, Path fasta, Path store) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        heap,
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Dorg.sqlite.tmpdir=" + folder,
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        GenomeImportChild.class.getName(),
                        fasta.toString(),
                        store.toString())
                .inheritIO()
                .start();
    }
}
