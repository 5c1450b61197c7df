package dev.millrace.genome;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.batch.RowReader;
import dev.millrace.batch.Split;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.DatabaseException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many files of samples, few of them open. */
class SampleConnectionsTest {
    private static final WindowGeometry GEOMETRY = WindowGeometry.of(64, 60, 0);

    @TempDir
    Path folder;

    @Test
    void read_moreSamplesThanConnections_opensNoMoreThanAllowed() throws Exception {
        readAll(1_200, 64);
    }

    @Test
    @Tag("campaign")
    void read_fiveThousandSamples_opensNoMoreThanAllowed() throws Exception {
        readAll(5_000, 64);
    }

    /** Several threads read all windows in random order; files that this process has open are counted meanwhile. */
    private void readAll(int samples, int connections) throws Exception {
        Map<String, String> contigs = many(samples);
        Path sharded = copies(contigs, samples);
        Path windows = GenomeFixture.windows(folder.resolve("windows.db"), contigs, GEOMETRY);
        List<String> expected = GenomeFixture.expected(contigs, GEOMETRY, 62);
        ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
        ConcurrentLinkedQueue<Long> open = new ConcurrentLinkedQueue<>();
        try (WindowSource source = open(sharded, windows, connections, 0)) {
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                long seed = i;
                Thread thread = new Thread(() -> {
                    try (RowReader<Window> reader = source.openReader()) {
                        SplittableRandom random = new SplittableRandom(seed);
                        for (int batch = 0; batch < 20; batch++) {
                            long[] ids = random.longs(32, 0, source.size()).toArray();
                            assertThat(reader.read(ids))
                                    .extracting(GenomeFixture::text)
                                    .isEqualTo(LongStream.of(ids)
                                            .mapToObj(id -> expected.get((int) id))
                                            .toList());
                            open.add(openFiles(sharded));
                        }
                    } catch (Throwable e) {
                        failures.add(e);
                    }
                });
                thread.start();
                threads.add(thread);
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(failures).isEmpty();
            SampleConnections.Counts counts = source.connections();
            assertThat(counts.peak()).isEqualTo(connections);
            assertThat(counts.evicted()).isPositive();
            assertThat(open).allMatch(count -> count <= connections);
        }
        assertThat(openFiles(sharded)).isZero();
    }

    @Test
    void read_withCache_readsEachContigOnce() throws Exception {
        Map<String, String> contigs = GenomeFixture.contigs(3, 4_000, 2_000, 900);
        Path sharded = GenomeFixture.sharded(folder.resolve("samples"), contigs);
        Path windows = GenomeFixture.windows(folder.resolve("windows.db"), contigs, GEOMETRY);
        List<String> expected = GenomeFixture.expected(contigs, GEOMETRY, 62);
        try (WindowSource source = open(sharded, windows, 2, 1 << 20);
                RowReader<Window> reader = source.openReader()) {
            for (int round = 0; round < 10; round++) {
                assertThat(reader.read(source.ids()))
                        .extracting(GenomeFixture::text)
                        .isEqualTo(expected);
            }
            assertThat(source.cache().misses()).isEqualTo(3);
            assertThat(source.cache().hitRate()).isEqualTo(0.9);
            assertThat(source.cache().bytes()).isEqualTo(6_900);
        }
    }

    @Test
    void lease_fileThatIsNone_isAnErrorAndTakesNoPlace() {
        try (SampleConnections connections = new SampleConnections(Access.READ, 1)) {
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> connections.lease(folder.resolve("none.sqlite")))
                        .isInstanceOf(DatabaseException.class)
                        .hasMessageContaining("none.sqlite");
            }
            assertThat(connections.counts().open()).isZero();
        }
    }

    private static WindowSource open(Path sharded, Path windows, int connections, long cacheBytes) {
        return WindowSource.open(new WindowSource.Options(
                sharded,
                windows,
                Split.ALL,
                WindowFormat.builder(64).build(),
                60,
                0,
                4,
                false,
                connections,
                cacheBytes));
    }

    private static Map<String, String> many(int samples) {
        Map<String, String> contigs = new TreeMap<>();
        String bases = GenomeFixture.contigs(1, 300).values().iterator().next();
        for (int i = 0; i < samples; i++) {
            contigs.put(String.format("BCR__EXT-S%05d__CT1-1", i), bases);
        }
        return contigs;
    }

    /** A file per sample: one is made, the others are made from it by changing its name, which is as long. */
    private Path copies(Map<String, String> contigs, int samples) throws IOException {
        Path sharded = folder.resolve("samples" + samples);
        Map.Entry<String, String> first = contigs.entrySet().iterator().next();
        GenomeFixture.sharded(sharded, Map.of(first.getKey(), first.getValue()));
        byte[] template = Files.readAllBytes(sharded.resolve("S00000").resolve("glm_dataset_S00000.sqlite"));
        String text = new String(template, java.nio.charset.StandardCharsets.ISO_8859_1);
        for (int i = 1; i < samples; i++) {
            String sample = String.format("S%05d", i);
            Path own = Files.createDirectory(sharded.resolve(sample));
            Files.write(
                    own.resolve("glm_dataset_" + sample + ".sqlite"),
                    text.replace("S00000", sample).getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));
        }
        return sharded;
    }

    private static long openFiles(Path sharded) {
        Path own = Path.of("/proc/self/fd");
        if (!Files.isDirectory(own)) {
            return 0;
        }
        try (Stream<Path> open = Files.list(own)) {
            return open.filter(file -> leadsInto(file, sharded)).count();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static boolean leadsInto(Path link, Path folder) {
        try {
            return Files.readSymbolicLink(link).startsWith(folder);
        } catch (IOException e) {
            // Closed meanwhile.
            return false;
        }
    }
}
