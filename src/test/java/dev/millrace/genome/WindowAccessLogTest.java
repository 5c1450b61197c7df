package dev.millrace.genome;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WindowAccessLogTest {
    private static final String CONTIG = "BCR__EXT-LON042-1__CT1-1";

    @TempDir
    Path folder;

    @Test
    void add_windows_writesTheOriginalsColumns() throws IOException {
        long before = Instant.now().toEpochMilli();
        Path file;
        try (WindowAccessLog log = open(3)) {
            file = log.file();
            log.add(new Window(17, CONTIG, 2, new byte[0], 0, 0, 0));
            log.add(18, "a,\"b\"", 0);
        }

        assertThat(file.getFileName().toString()).matches("window_access_train_rank3_[0-9a-f]{8}\\.csv");
        String[] lines = Files.readString(file).split("\r\n", -1);
        assertThat(lines).hasSize(4);
        assertThat(lines[0]).isEqualTo("window_idx,sequence_id,sample_id,window_in_seq_idx,rank,access_ts");
        assertThat(lines[1]).startsWith("17," + CONTIG + ",LON042.1,2,3,");
        assertThat(lines[2]).startsWith("18,\"a,\"\"b\"\"\",unknown,0,3,");
        assertThat(lines[3]).isEmpty();
        long millis = Long.parseLong(lines[1].substring(lines[1].lastIndexOf(',') + 1)) / 1_000_000;
        assertThat(millis).isBetween(before, Instant.now().toEpochMilli());
        assertThat(CsvCells.of(lines[2])).element(1).isEqualTo("a,\"b\"");
    }

    @Test
    void add_zeroInterval_isInTheFileAtOnce() throws IOException {
        try (WindowAccessLog log = WindowAccessLog.open(folder, "val", 0, Duration.ZERO)) {
            log.add(1, CONTIG, 0);
            assertThat(Files.readAllLines(log.file())).hasSize(2);
        }
    }

    @Test
    void add_beforeAFlush_keepsNoMoreThanTheBuffer() throws IOException {
        try (WindowAccessLog log = open(0)) {
            for (int i = 0; i < 10_000; i++) {
                log.add(i, CONTIG, i);
            }
            long written = Files.size(log.file());
            log.flush();
            assertThat(Files.size(log.file()) - written).isLessThan(1 << 16);
            assertThat(written).isGreaterThan(1 << 16);
        }
    }

    @Test
    void add_fromManyThreads_losesAndMixesNothing() throws Exception {
        Path file;
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try (WindowAccessLog log = open(0)) {
            file = log.file();
            List<Future<?>> work = new ArrayList<>();
            for (int thread = 0; thread < 4; thread++) {
                int first = thread * 5000;
                String contig = "BCR__EXT-S" + thread + "__CT1-1";
                work.add(threads.submit(() -> {
                    for (int i = 0; i < 5000; i++) {
                        log.add(first + i, contig, i);
                    }
                }));
            }
            for (Future<?> future : work) {
                future.get();
            }
        } finally {
            threads.shutdownNow();
        }

        WindowLogStats stats = WindowLogStats.read(List.of(file), 20_000L);
        assertThat(stats.visitsPerWindow()).isEqualTo(new TreeMap<>(java.util.Map.of(1, 20_000L)));
        assertThat(Files.readAllLines(file).stream().skip(1))
                .allMatch(line -> line.matches("\\d+,BCR__EXT-S(\\d)__CT1-1,S\\1,\\d+,0,\\d{19}"));
    }

    @Test
    void add_afterClose_isRefused() throws IOException {
        WindowAccessLog log = open(0);
        log.close();
        log.close();

        assertThatThrownBy(() -> log.add(1, CONTIG, 0)).isInstanceOf(IllegalStateException.class);
        assertThatIllegalArgumentException().isThrownBy(() -> WindowAccessLog.open(folder, "../x", 0, Duration.ZERO));
    }

    @Test
    void read_twoRanksOverTwoEpochs_countsVisitsInAnyOrder() throws IOException {
        List<String> rows = new ArrayList<>();
        for (int epoch = 0; epoch < 2; epoch++) {
            for (int window = 0; window < 10; window++) {
                if (epoch == 1 && window == 9) {
                    continue; // the second epoch was cut
                }
                rows.add(window + "," + CONTIG + ",LON042.1," + window + "," + (window + epoch) % 2
                        + ",1700000000000000000");
            }
        }
        rows.add("3," + CONTIG + ",LON042.1,3,0,1700000000000000000");
        rows.add("12," + CONTIG + ",LON042.1,3,0,1700000000000000000,65,67,71");
        Collections.shuffle(rows, new Random(5));
        Path one = write("one.csv", rows.subList(0, 8));
        Path two = write("two.csv", rows.subList(8, rows.size()));

        WindowLogStats stats = WindowLogStats.read(List.of(two, one), 12L);

        assertThat(stats.visits()).isEqualTo(21);
        assertThat(stats.outside()).isEqualTo(1);
        assertThat(stats.distinctWindows()).isEqualTo(10);
        assertThat(stats.repeats()).isEqualTo(10);
        assertThat(stats.beyondEpochs()).isEqualTo(1);
        assertThat(stats.sharedWindows()).isEqualTo(9);
        assertThat(stats.visitsPerWindow())
                .containsExactlyEntriesOf(new TreeMap<>(java.util.Map.of(0, 2L, 1, 1L, 2, 8L, 3, 1L)));
        assertThat(stats.ranks().get(0)).isEqualTo(new WindowLogStats.RankVisits(10, 9));
        assertThat(stats.ranks().get(1)).isEqualTo(new WindowLogStats.RankVisits(10, 10));
        assertThat(stats.coverage(2))
                .containsExactly(
                        new WindowLogStats.Coverage(0, 10, 10 / 12.0), new WindowLogStats.Coverage(1, 9, 9 / 12.0));
        assertThat(WindowLogStats.read(List.of(one, two), 12L)).isEqualTo(stats);
    }

    @Test
    void read_lastLineCut_isToldAndNotCounted() throws IOException {
        Path log =
                write("cut.csv", List.of("1," + CONTIG + ",LON042.1,1,0,1700000000000000000", "2," + CONTIG + ",LON"));

        WindowLogStats stats = WindowLogStats.read(List.of(log), null);

        assertThat(stats.visits()).isEqualTo(1);
        assertThat(stats.cutLines()).containsExactly(log);
    }

    @Test
    void read_rowThatIsNone_isNamedByFileAndLine() throws IOException {
        Path log = write("bad.csv", List.of("x," + CONTIG + ",LON042.1,1,0,1", "2," + CONTIG + ",LON042.1,1,0,1"));

        assertThatThrownBy(() -> WindowLogStats.read(List.of(log), null))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("line 2")
                .hasMessageContaining("bad.csv");
        Path other = Files.writeString(folder.resolve("other.csv"), "a,b\n1,2\n", StandardCharsets.UTF_8);
        assertThatThrownBy(() -> WindowLogStats.read(List.of(other), null))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("found 'a,b'");
    }

    private WindowAccessLog open(int rank) throws IOException {
        return WindowAccessLog.open(folder.resolve("logs"), "train", rank, Duration.ofHours(1));
    }

    private Path write(String name, List<String> rows) throws IOException {
        return Files.writeString(
                folder.resolve(name), WindowAccessLog.HEADER + "\r\n" + String.join("\r\n", rows) + "\r\n");
    }
}
