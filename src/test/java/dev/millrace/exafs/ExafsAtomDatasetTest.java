package dev.millrace.exafs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.millrace.batch.SampleChoiceContract;
import dev.millrace.batch.Split;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ExafsAtomDatasetTest {
    private static final ExafsFile MADE = ExafsFile.of(10, 3);

    @TempDir
    static Path folder;

    private static Path file = Path.of("");

    @BeforeAll
    static void write() {
        file = MADE.write(folder.resolve("exafs.db"));
    }

    private static ExafsAtomDataset open(ExafsAtomDataset.View view, Split split, boolean shuffled) {
        return ExafsAtomDataset.builder()
                .setDatabase(file)
                .optView(view)
                .optSplit(split)
                .setSampling(7, shuffled)
                .optFloat64(true)
                .build();
    }

    @ParameterizedTest
    @EnumSource
    void filterAndWeights_atoms_chooseSamples(ExafsAtomDataset.View view) throws Exception {
        SampleChoiceContract.require(
                () -> ExafsAtomDataset.builder().setDatabase(file).optView(view),
                ExafsAtomDataset.Builder::build,
                "absorbers",
                "absorber_id");
    }

    @Test
    void firstShell_eachAtom_isChiOfItsSumAndTheNearestOfTwoLegs() throws Exception {
        try (NDManager manager = NDManager.newBaseManager();
                ExafsAtomDataset dataset = open(ExafsAtomDataset.View.FIRST_SHELL, Split.ALL, false)) {
            assertThat(dataset.size()).isEqualTo(30);
            int position = 0;
            for (var batch : dataset.getData(manager)) {
                for (int row = 0; row < batch.getSize(); row++) {
                    long absorber = dataset.id(position++);
                    assertThat(batch.getData().head().get(row).toDoubleArray()).isEqualTo(MADE.sum(absorber));
                    double nearest = MADE.paths().stream()
                            .filter(path -> path.absorber() == absorber && path.positions().length == 6)
                            .mapToDouble(ExafsFile.Made::halfLength)
                            .min()
                            .orElseThrow();
                    assertThat(batch.getLabels().head().get(row).toDoubleArray())
                            .containsExactly(nearest);
                }
                batch.close();
            }
            assertThat(position).isEqualTo(30);
        }
    }

    @Test
    void graph_eachAtom_hasItsNeighboursOnceAndEdgesBothWays() throws Exception {
        try (NDManager manager = NDManager.newBaseManager();
                ExafsAtomDataset dataset = open(ExafsAtomDataset.View.GRAPH, Split.TRAIN, false)) {
            var batch = dataset.getData(manager).iterator().next();
            NDList data = batch.getData();
            long[] counts = data.get(4).toLongArray();
            // Of six paths four have two legs: numbers 1, 2, 5 and 6.
            assertThat(counts).hasSize(7).containsOnly(5);
            double[] nodes = ExafsBatches.doubles(data.get(0));
            long absorber = dataset.id(1);
            List<ExafsFile.Made> shells = MADE.paths().stream()
                    .filter(path -> path.absorber() == absorber && path.positions().length == 6)
                    .toList();
            assertThat(Arrays.copyOfRange(nodes, 15, 18)).containsExactly(92, 0, 0);
            for (int i = 0; i < 4; i++) {
                assertThat(nodes[18 + 3 * i]).isEqualTo(shells.get(i).row().atomicNumbers()[1]);
                assertThat(nodes[19 + 3 * i]).isCloseTo(shells.get(i).halfLength(), within(1e-6));
                assertThat(nodes[20 + 3 * i]).isEqualTo(shells.get(i).degeneracy());
            }
            NDArray edges = data.get(1);
            long edgeCount = edges.getShape().get(1);
            assertThat(data.get(2).getShape()).isEqualTo(new Shape(edgeCount, 1));
            long[] sources = edges.get(0).toLongArray();
            long[] targets = edges.get(1).toLongArray();
            for (int i = 0; i < edgeCount; i += 2) {
                assertThat(sources[i + 1]).isEqualTo(targets[i]);
                assertThat(targets[i + 1]).isEqualTo(sources[i]);
                assertThat(sources[i] / 5).isEqualTo(targets[i] / 5);
            }
            assertThat(batch.getLabels().head().get(1).toDoubleArray()).isEqualTo(MADE.sum(absorber));
            // Batches of graphs divide as those of molecules do.
            assertThat(batch.split(new Device[] {Device.cpu(), Device.cpu()}, false))
                    .hasSize(2);
            batch.close();
        }
    }

    @Test
    void optCutoff_zero_leavesEdgesFromTheAbsorberOnly() {
        try (NDManager manager = NDManager.newBaseManager();
                ExafsAtomDataset dataset = ExafsAtomDataset.builder()
                        .setDatabase(file)
                        .optCutoff(0)
                        .setSampling(3, false)
                        .build()) {
            assertThat(dataset.get(manager, 0).getData().get(1).getShape()).isEqualTo(new Shape(2, 8));
        }
    }

    @Test
    void getData_shuffledAndResumed_givesTheSameBatchesWhateverTheThreads() throws Exception {
        for (ExafsAtomDataset.View view : ExafsAtomDataset.View.values()) {
            try (ExafsAtomDataset whole = open(view, Split.TRAIN, true);
                    ExafsAtomDataset resumed = ExafsAtomDataset.builder()
                            .setDatabase(file)
                            .optView(view)
                            .optSplit(Split.TRAIN)
                            .setSampling(7, true)
                            .optFloat64(true)
                            .optLoaderThreads(3)
                            .build()) {
                ExafsBatches.of(whole);
                List<ExafsBatches.Snapshot> second = ExafsBatches.of(whole);
                resumed.setNextEpoch(1, 2);
                assertThat(ExafsBatches.of(resumed)).isEqualTo(second.subList(2, second.size()));
                assertThat(resumed.digest()).isEqualTo(whole.digest());
            }
        }
    }

    @Test
    void statistics_areOfFirstShellsOfTheTrainingAtoms() {
        try (ExafsAtomDataset dataset = open(ExafsAtomDataset.View.FIRST_SHELL, Split.TEST, false)) {
            ExafsStatistics found = dataset.statistics();
            assertThat(found.samples()).isEqualTo(24);
            assertThat(found.meanDistance()).isBetween(2.2, 2.6);
            assertThat(found.distanceDeviation()).isBetween(0.02, 0.3);
        }
    }
}
