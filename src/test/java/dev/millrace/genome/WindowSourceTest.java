package dev.millrace.genome;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.batch.RowReader;
import dev.millrace.batch.Split;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Windows from a store, from a store with a window database, and from a sharded folder. */
class WindowSourceTest {
    private static final int SIZE = 512;
    private static final int BASES = SIZE - 2;

    @TempDir
    Path folder;

    /** Lengths around window size, stride and chunk ends, and none. */
    private static final int[] LENGTHS = {
        0, 1, 511, 512, 513, 911, 912, 913, 16_383, 16_384, 16_385, 16_784, 40_000, 100_001, 700
    };

    @ParameterizedTest
    @EnumSource(Tail.class)
    void read_allLayouts_giveTheBasesOfTheContigs(Tail tail) throws IOException {
        WindowGeometry geometry = new WindowGeometry(SIZE, 400, 0, tail);
        Map<String, String> contigs = GenomeFixture.contigs(1, LENGTHS);
        List<String> expected = GenomeFixture.expected(contigs, geometry, BASES);
        Files files = write(contigs, geometry);
        for (WindowSource source : List.of(
                open(files.store, null), open(files.store, files.windows), open(files.sharded, files.windows))) {
            try (source;
                    RowReader<Window> reader = source.openReader(3)) {
                assertThat(source.size()).isEqualTo(expected.size());
                long[] all = LongStream.range(0, expected.size()).toArray();
                assertThat(reader.read(all)).extracting(GenomeFixture::text).isEqualTo(expected);
                SplittableRandom random = new SplittableRandom(4);
                for (int batch = 0; batch < 20; batch++) {
                    long[] some = random.longs(16, 0, expected.size()).toArray();
                    some[3] = some[9];
                    List<Window> read = reader.read(some);
                    assertThat(read)
                            .extracting(GenomeFixture::text)
                            .isEqualTo(LongStream.of(some)
                                    .mapToObj(i -> expected.get((int) i))
                                    .toList());
                    assertThat(read)
                            .extracting(Window::index)
                            .isEqualTo(LongStream.of(some).boxed().toList());
                    assertThat(read).allMatch(window -> window.epoch() == 3);
                }
            }
        }
    }

    @Test
    void read_storeQueries_scanNoTable() throws IOException {
        Files files = write(GenomeFixture.contigs(2, LENGTHS), WindowGeometry.of(SIZE, 400, 0));
        try (Database store = Database.open(files.store, Access.READ)) {
            store.attach(files.windows, StoreWindowReader.ATTACHED);
            for (String sql : List.of(StoreWindowReader.SELECT_OWN, StoreWindowReader.SELECT_OTHERS)) {
                assertThat(plan(store, sql))
                        .anyMatch(step -> step.startsWith("SEARCH") && step.contains("INTEGER PRIMARY KEY"))
                        .noneMatch(step -> step.matches("SCAN (w|b|c|k|m|contigs|chunks|window_.*)\\b.*"))
                        .noneMatch(step -> step.contains("AUTOMATIC") || step.contains("TEMP B-TREE"));
            }
        }
        try (Database windows = Database.open(files.windows, Access.READ)) {
            assertThat(plan(windows, ShardedWindowReader.SELECT_WINDOWS)).noneMatch(step -> step.startsWith("SCAN m"));
        }
        try (Stream<Path> samples = java.nio.file.Files.walk(files.sharded)) {
            Path sample = samples.filter(path -> path.toString().endsWith(".sqlite"))
                    .findFirst()
                    .orElseThrow();
            try (Database database = Database.open(sample, Access.READ)) {
                assertThat(plan(database, ShardedWindowReader.SELECT_BASES))
                        .noneMatch(step -> step.startsWith("SCAN s"));
                assertThat(plan(database, ShardedWindowReader.SELECT_LENGTHS))
                        .noneMatch(step -> step.startsWith("SCAN s"));
            }
        }
    }

    @Test
    void read_indexOutside_namesIndexNumberAndFile() throws IOException {
        Files files = write(GenomeFixture.contigs(2, 600, 2_000), WindowGeometry.of(SIZE, 400, 0));
        for (WindowSource source : List.of(
                open(files.store, null), open(files.store, files.windows), open(files.sharded, files.windows))) {
            try (source;
                    RowReader<Window> reader = source.openReader()) {
                for (long id : new long[] {-1, source.size(), Long.MAX_VALUE}) {
                    assertThatThrownBy(() -> reader.read(new long[] {0, id}))
                            .isInstanceOf(IndexOutOfBoundsException.class)
                            .hasMessageContaining("found " + id)
                            .hasMessageContaining("0 to " + (source.size() - 1))
                            .hasMessageContaining(folder.toString());
                }
                assertThatThrownBy(() -> source.id(-1)).isInstanceOf(IndexOutOfBoundsException.class);
            }
        }
    }

    private record Files(Path store, Path sharded, Path windows) {}

    private Files write(Map<String, String> contigs, WindowGeometry geometry) throws IOException {
        return new Files(
                GenomeFixture.store(folder.resolve("store ü%?.db"), contigs, geometry),
                GenomeFixture.sharded(folder.resolve("samples"), contigs),
                GenomeFixture.windows(folder.resolve("windows 100%#.db"), contigs, geometry));
    }

    private static WindowSource open(Path sequences, @Nullable Path windows) {
        return WindowSource.open(WindowSource.Options.of(
                sequences, windows, Split.ALL, WindowFormat.builder(SIZE).build(), 400, 0));
    }

    private static List<String> plan(Database database, String sql) {
        return database.read("plan", connection -> {
            List<String> steps = new java.util.ArrayList<>();
            try (var statement = connection.prepareStatement("EXPLAIN QUERY PLAN " + sql);
                    var rows = statement.executeQuery()) {
                while (rows.next()) {
                    steps.add(rows.getString("detail"));
                }
            }
            return steps;
        });
    }
}
