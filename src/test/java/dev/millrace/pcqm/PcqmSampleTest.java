package dev.millrace.pcqm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.graph.Graph;
import dev.millrace.molecule.FeatureSpec;
import dev.millrace.molecule.Molecule;
import dev.millrace.molecule.MoleculeReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PcqmSampleTest {
    @TempDir
    Path folder;

    @Test
    void write_sameOptions_givesTheSameBytesAndALargerCountBeginsAlike() throws Exception {
        Path few = write("few.csv.gz", new PcqmSample(500, 0, 5, 0, false));
        Path again = write("again.csv.gz", new PcqmSample(500, 0, 5, 0, false));
        Path other = write("other.csv.gz", new PcqmSample(500, 0, 6, 0, false));
        Path many = write("many.csv", new PcqmSample(800, 0, 5, 0, false));
        assertThat(again).hasSameBinaryContentAs(few);
        assertThat(text(many)).startsWith(text(few));
        assertThat(text(other)).isNotEqualTo(text(few));
        assertThat(lines(write("tail.csv", new PcqmSample(300, 500, 5, 0, false))))
                .isEqualTo(lines(many).subList(500, 800));
    }

    @Test
    void write_aShareUnlabelled_leavesGapsOutAndChangesNothingElse() throws Exception {
        List<String> all = lines(write("all.csv", new PcqmSample(4000, 0, 3, 0, false)));
        List<String> some = lines(write("some.csv", new PcqmSample(4000, 0, 3, 0.25, false)));
        int missing = 0;
        for (int i = 0; i < all.size(); i++) {
            String without = all.get(i).substring(0, all.get(i).lastIndexOf(',') + 1);
            assertThat(some.get(i)).isIn(all.get(i), without);
            missing += some.get(i).equals(without) ? 1 : 0;
        }
        assertThat(missing).isBetween(900, 1100);
    }

    @Test
    void write_hidingTheTestSplits_hasNoGapFromTheirFirstIdxOn() throws Exception {
        List<String> lines = lines(write("edge.csv", new PcqmSample(20, 3_452_141, 3, 0, true)));
        assertThat(lines.subList(0, 10)).noneMatch(line -> line.endsWith(","));
        assertThat(lines.subList(10, 20)).allMatch(line -> line.endsWith(","));
        assertThat(lines.get(10)).startsWith("3452151,");
    }

    @Test
    void write_everyMolecule_isValidAndLikeTheRealOnes() throws Exception {
        Statistics size = new Statistics();
        Statistics edges = new Statistics();
        Statistics gap = new Statistics();
        Map<Integer, Integer> elements = new HashMap<>();
        Set<String> formulas = new HashSet<>();
        int aromatic = 0;
        int stereo = 0;
        List<String> lines = lines(write("many.csv.gz", new PcqmSample(6000, 0, 42, 0, false)));
        for (int i = 0; i < lines.size(); i++) {
            String[] cells = lines.get(i).split(",", -1);
            assertThat(cells[0]).isEqualTo(String.valueOf(i));
            Molecule molecule = MoleculeReader.smiles(cells[1]);
            Graph graph = FeatureSpec.OGB_9_3.featurize(molecule);
            assertThat(graph.nodeCount()).as(cells[1]).isBetween(1, 20);
            assertThat(cells[1]).doesNotContain(".");
            size.add(graph.nodeCount());
            edges.add(graph.edgeCount());
            gap.add(Double.parseDouble(cells[2]));
            formulas.add(molecule.formula());
            long[] nodes = graph.nodeFeatures().toLongs();
            boolean ring = false;
            for (int atom = 0; atom < graph.nodeCount(); atom++) {
                elements.merge((int) nodes[9 * atom] + 1, 1, Integer::sum);
                ring |= nodes[9 * atom + 7] == 1;
                stereo += nodes[9 * atom + 1] > 0 ? 1 : 0;
                assertThat(nodes[9 * atom + 5]).as("radical in %s", cells[1]).isZero();
            }
            aromatic += ring ? 1 : 0;
        }
        double atoms = size.sum;
        assertThat(size.mean()).isCloseTo(14.1, within(0.3));
        assertThat(edges.mean()).isCloseTo(29.0, within(0.8));
        assertThat(gap.mean()).isCloseTo(5.7, within(0.2));
        assertThat(gap.deviation()).isCloseTo(1.2, within(0.2));
        assertThat(elements.get(6) / atoms).isCloseTo(0.72, within(0.04));
        assertThat(elements.get(7) / atoms).isCloseTo(0.12, within(0.03));
        assertThat(elements.get(8) / atoms).isCloseTo(0.13, within(0.03));
        assertThat(elements.keySet()).contains(5, 6, 7, 8, 9, 14, 15, 16, 17, 35);
        assertThat(aromatic).isBetween(1800, 4200);
        assertThat(stereo).isPositive();
        assertThat(formulas).hasSizeGreaterThan(2000);
    }

    @Test
    void write_gzip_saysThatItIsSyntheticInItsHeaderOnly() throws Exception {
        Path gzip = write("a.csv.gz", new PcqmSample(3, 0, 1, 0, false));
        Path plain = write("a.csv", new PcqmSample(3, 0, 1, 0, false));
        assertThat(PcqmSample.isSynthetic(gzip)).isTrue();
        assertThat(PcqmSample.isSynthetic(plain)).isFalse();
        assertThat(text(gzip)).isEqualTo(text(plain)).startsWith("idx,smiles,homolumogap\n0,");
        Files.write(folder.resolve("empty.gz"), new byte[0]);
        assertThat(PcqmSample.isSynthetic(folder.resolve("empty.gz"))).isFalse();
    }

    @Test
    void write_somethingFails_leavesTheOldFileAndNothingElse() throws Exception {
        Path file = Files.writeString(folder.resolve("old.csv"), "old");
        org.assertj.core.api.Assertions.assertThatIllegalStateException()
                .isThrownBy(() -> new PcqmSample(100_000, 0, 1, 0, false).write(file, done -> {
                    throw new IllegalStateException("stopped");
                }));
        assertThat(file).hasContent("old");
        assertThat(folder.toFile().list()).containsExactly("old.csv");
    }

    @Test
    void options_outsideTheirRange_areRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new PcqmSample(0, 0, 1, 0, false));
        assertThatIllegalArgumentException().isThrownBy(() -> new PcqmSample(1, -1, 1, 0, false));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new PcqmSample(1, 0, 1, Double.NaN, false))
                .withMessageContaining("0..1");
    }

    private Path write(String name, PcqmSample sample) throws IOException {
        Path file = folder.resolve(name);
        sample.write(file, done -> {});
        return file;
    }

    private static List<String> lines(Path file) throws IOException {
        return text(file).lines().skip(1).toList();
    }

    private static String text(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            InputStream plain = file.toString().endsWith(".gz") ? new GZIPInputStream(in) : in;
            return new String(plain.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static final class Statistics {
        private int count;
        private double sum;
        private double squares;

        void add(double value) {
            count++;
            sum += value;
            squares += value * value;
        }

        double mean() {
            return sum / count;
        }

        double deviation() {
            return Math.sqrt(squares / count - mean() * mean());
        }
    }
}
