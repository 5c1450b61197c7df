package dev.millrace.genome;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.batch.Split;
import dev.millrace.build.OutdatedDatabaseException;
import dev.millrace.build.RejectedInputException;
import dev.millrace.build.SplitRatios;
import dev.millrace.sqlite.Verification;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ContigSplitTest {
    private static final List<Split> SPLITS = List.of(Split.TRAIN, Split.VALIDATION, Split.TEST);

    @TempDir
    Path folder;

    @Test
    void contigs_areDividedExactlyWithinStrata_whateverTheirOrder() throws IOException {
        List<ContigLength> contigs = contigs(100, 30, 10);
        ContigSplitReport report = divide(write("a.csv", contigs), "a", ContigSplit.By.CONTIG, 42);
        Collections.shuffle(contigs, new Random(3));
        divide(write("b.csv", contigs), "b", ContigSplit.By.CONTIG, 42);

        ContigSplitReport.Part train = report.parts().get(Split.TRAIN);
        assertThat(List.of(train.shortContigs(), train.mediumContigs(), train.longContigs()))
                .containsExactly(80L, 24L, 8L);
        ContigSplitReport.Part test = report.parts().get(Split.TEST);
        assertThat(List.of(test.shortContigs(), test.mediumContigs(), test.longContigs()))
                .containsExactly(10L, 3L, 1L);
        for (String name : List.of("train_split.csv", "val_split.csv", "test_split.csv")) {
            assertThat(folder.resolve("a").resolve(name))
                    .hasSameTextualContentAs(folder.resolve("b").resolve(name));
        }
        List<ContigLength> all = new ArrayList<>();
        for (Split split : SPLITS) {
            all.addAll(read(folder.resolve("a").resolve(split.id() + "_split.csv")));
        }
        assertThat(all).containsExactlyInAnyOrderElementsOf(contigs);
        assertThat(folder.resolve("a").toFile().list())
                .containsExactlyInAnyOrder("train_split.csv", "val_split.csv", "test_split.csv");
    }

    @Test
    void anotherSeed_givesOtherSplits() throws IOException {
        Path source = write("a.csv", contigs(100, 30, 10));
        divide(source, "a", ContigSplit.By.CONTIG, 42);
        divide(source, "b", ContigSplit.By.CONTIG, 43);

        assertThat(read(folder.resolve("a/test_split.csv"))).isNotEqualTo(read(folder.resolve("b/test_split.csv")));
    }

    @Test
    void samples_areNeverInTwoSplits() throws IOException {
        ContigSplitReport report = divide(write("a.csv", contigs(100, 30, 10)), "a", ContigSplit.By.SAMPLE, 7);

        Map<String, Set<Split>> splits = new HashMap<>();
        for (Split split : SPLITS) {
            for (ContigLength contig : read(folder.resolve("a").resolve(split.id() + "_split.csv"))) {
                splits.computeIfAbsent(SampleIds.of(contig.contigId()), key -> new HashSet<>())
                        .add(split);
            }
        }
        assertThat(splits).hasSize(20).allSatisfy((sample, in) -> assertThat(in).hasSize(1));
        assertThat(report.parts().get(Split.TRAIN).samples()).isEqualTo(16);
        assertThat(report.parts().get(Split.VALIDATION).samples()).isEqualTo(2);
        assertThat(report.parts().get(Split.TEST).samples()).isEqualTo(2);
    }

    @Test
    void shares_addUpForEveryCount() {
        for (SplitRatios ratios :
                List.of(SplitRatios.defaults(), new SplitRatios(0.34, 0.33, 0.33), new SplitRatios(1, 0, 0))) {
            for (long count = 0; count < 1000; count++) {
                long[] shares = SplitDraw.shares(count, ratios);
                assertThat(shares[0] + shares[1] + shares[2]).isEqualTo(count);
                assertThat(Math.abs(shares[0] - count * ratios.train())).isLessThan(1);
                assertThat(Math.abs(shares[1] - count * ratios.validation())).isLessThan(1);
                assertThat(Math.abs(shares[2] - count * ratios.test())).isLessThan(1);
            }
        }
        assertThat(SplitDraw.shares(30, SplitRatios.defaults())).containsExactly(24, 3, 3);
        assertThat(SplitDraw.shares(5, SplitRatios.defaults())).containsExactly(4, 1, 0);
    }

    @Test
    void store_keepsSplitsAndItsWindowsFollowThem() throws IOException {
        List<ContigLength> contigs = contigs(50, 0, 0);
        Path store = StoreFile.of(folder.resolve("s.db"), contigs);
        ContigSplitReport report = new ContigSplit().setSource(store).run();
        assertThat(report.parts().get(Split.TRAIN).contigs()).isEqualTo(40);
        assertThat(SplitFile.splitsOf(store)).isEqualTo(SPLITS);
        assertThat(Verification.verify(store).faults()).isEmpty();
        for (Split split : SPLITS) {
            precompute(store, split);
        }
        assertThat(new ContigSplit().setSource(store).run().upToDate()).isTrue();

        assertThatThrownBy(() -> new ContigSplit().setSource(store).optSeed(1).run())
                .isInstanceOf(OutdatedDatabaseException.class)
                .hasMessageContaining("--force");
        assertThat(WindowSetCopy.sets(store)).containsOnlyKeys(SPLITS);

        assertThat(new ContigSplit()
                        .setSource(store)
                        .optSeed(1)
                        .optForce(true)
                        .run()
                        .droppedSets())
                .containsExactly("train", "val", "test");
        assertThat(WindowSetCopy.sets(store)).isEmpty();
        assertThat(Verification.verify(store).faults()).isEmpty();
    }

    @Test
    void filesThatExist_areKeptUnlessForced() throws IOException {
        Path source = write("a.csv", contigs(10, 0, 0));
        divide(source, "a", ContigSplit.By.CONTIG, 1);

        assertThatThrownBy(() -> divide(source, "a", ContigSplit.By.CONTIG, 2))
                .isInstanceOf(OutdatedDatabaseException.class)
                .hasMessageContaining("train_split.csv");
    }

    @Test
    void contigGivenTwice_orWithoutASample_isRefusedAndNothingWritten() throws IOException {
        Path twice = Files.writeString(folder.resolve("t.csv"), "contig_id,length\na,1\nb,2\na,20000\n");
        assertThatThrownBy(() -> divide(twice, "out", ContigSplit.By.CONTIG, 1))
                .isInstanceOf(RejectedInputException.class)
                .hasMessageContaining("'a' twice")
                .hasMessageContaining("t.csv:2 and")
                .hasMessageContaining("t.csv:4)");
        Path without = Files.writeString(folder.resolve("w.csv"), "contig_id,length\nBCR__E-S1__1,1\nplain,2\n");
        assertThatThrownBy(() -> divide(without, "out", ContigSplit.By.SAMPLE, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'plain'")
                .hasMessageContaining("w.csv:3");
        assertThat(folder.resolve("out")).isEmptyDirectory();
        assertThatThrownBy(() -> new ContigSplit().setSource(twice).run())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("--out");
    }

    @Test
    void windowSet_goesToAWindowDatabaseAndBack() throws IOException {
        List<ContigLength> contigs = contigs(40, 3, 0);
        Path store = StoreFile.of(folder.resolve("s.db"), contigs);
        new ContigSplit().setSource(store).run();
        precompute(store, Split.TRAIN);
        Path windows = folder.resolve("train_windows.db");

        WindowIndexReport out = WindowSetCopy.toDatabase(store, Split.TRAIN, windows, false);
        Path other = StoreFile.of(folder.resolve("other.db"), contigs);
        WindowIndexReport back = WindowSetCopy.toStore(windows, other, Split.TRAIN, false);

        WindowSet first = WindowSetCopy.sets(store).get(Split.TRAIN);
        WindowSet second = WindowSetCopy.sets(other).get(Split.TRAIN);
        assertThat(out.windows()).isEqualTo(first.totalWindows()).isEqualTo(back.windows());
        assertThat(second.geometry()).isEqualTo(first.geometry());
        assertThat(second.distinctSequences()).isEqualTo(first.distinctSequences());
        Path again = folder.resolve("again.db");
        WindowSetCopy.toDatabase(other, Split.TRAIN, again, false);
        assertThat(WindowDatabaseTest.rows(again)).isEqualTo(WindowDatabaseTest.rows(windows));
        assertThatThrownBy(() -> WindowSetCopy.toDatabase(store, Split.TEST, again, false))
                .hasMessageContaining("No windows of split 'test': expected one of [train]");
    }

    @Test
    void windowDatabasesOfTheOriginal_goIntoAStoreAndBack() throws IOException {
        Path store = StoreFile.of(folder.resolve("s.db"), GenomeReference.contigs());
        for (String name :
                List.of("W128_S100_T0", "W128_S100_T128", "W8192_S7992_T5000", "W8192_S7992_T10000", "W512_S512_T0")) {
            Path original = GenomeReference.file("windows_" + name + ".db");
            WindowSetCopy.toStore(original, store, Split.TEST, true);
            Path again = folder.resolve(name + ".db");
            WindowSetCopy.toDatabase(store, Split.TEST, again, false);
            assertThat(WindowDatabaseTest.rows(again)).isEqualTo(WindowDatabaseTest.rows(original));
        }
        assertThat(Verification.verify(store).faults()).isEmpty();
    }

    @Test
    void windowDatabaseOfOtherContigs_isNotTaken() throws IOException {
        List<ContigLength> contigs = contigs(5, 0, 0);
        Path store = StoreFile.of(folder.resolve("s.db"), contigs.subList(0, 4));
        Path windows = folder.resolve("w.db");
        build(contigs, windows);
        assertThatThrownBy(() -> WindowSetCopy.toStore(windows, store, Split.TRAIN, false))
                .isInstanceOf(RejectedInputException.class)
                .hasMessageContaining("which is not there");

        List<ContigLength> longer = new ArrayList<>(contigs.subList(0, 4));
        longer.set(2, new ContigLength(longer.get(2).contigId(), longer.get(2).length() + 5000));
        Path second = folder.resolve("w2.db");
        build(longer, second);
        assertThatThrownBy(() -> WindowSetCopy.toStore(second, store, Split.TRAIN, false))
                .isInstanceOf(RejectedInputException.class)
                .hasMessageContaining(longer.get(2).contigId());
        assertThat(WindowSetCopy.sets(store)).isEmpty();
    }

    private static void build(List<ContigLength> contigs, Path windows) throws IOException {
        new WindowIndexBuilder()
                .setGeometry(WindowGeometry.of(128, 100, 0))
                .setContigs(ContigLengths.of("test", contigs))
                .setOutput(windows)
                .build();
    }

    private static void precompute(Path store, Split split) throws IOException {
        new WindowIndexBuilder()
                .setGeometry(new WindowGeometry(128, 100, 10, Tail.KEEP))
                .setContigs(SplitFile.open(store, split))
                .setOutput(store)
                .optSplit(split)
                .build();
    }

    private ContigSplitReport divide(Path source, String out, ContigSplit.By by, long seed) throws IOException {
        return new ContigSplit()
                .setSource(source)
                .optFolder(Files.createDirectories(folder.resolve(out)))
                .optBy(by)
                .optSeed(seed)
                .run();
    }

    private Path write(String name, List<ContigLength> contigs) throws IOException {
        StringBuilder text = new StringBuilder("contig_id,length\n");
        contigs.forEach(contig -> text.append(contig.contigId())
                .append(',')
                .append(contig.length())
                .append('\n'));
        return Files.writeString(folder.resolve(name), text);
    }

    private static List<ContigLength> read(Path file) throws IOException {
        List<ContigLength> read = new ArrayList<>();
        SplitFile.open(file).forEach((contigId, length, row) -> read.add(new ContigLength(contigId, length)));
        return read;
    }

    /** So many contigs below 10,000 bases, below 100,000 and above, of 20 samples. */
    private static List<ContigLength> contigs(int small, int medium, int large) {
        List<ContigLength> contigs = new ArrayList<>();
        for (int i = 0; i < small + medium + large; i++) {
            long length = i < small ? i * 37L % 10_000 : i < small + medium ? 10_000 + i : 100_000 + i;
            contigs.add(new ContigLength("BCR__EXT-S" + i % 20 + "__CT1-" + i, length));
        }
        return contigs;
    }
}
