package dev.millrace.pcqm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.millrace.build.OutdatedDatabaseException;
import dev.millrace.build.RejectedInputException;
import dev.millrace.build.SplitRatios;
import dev.millrace.graph.Graph;
import dev.millrace.molecule.FeatureSpec;
import dev.millrace.molecule.MoleculeReader;
import dev.millrace.sqlite.Verification;
import dev.millrace.tensor.TensorBlob;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** From a CSV file to a database. */
class PcqmBuilderTest {
    @TempDir
    Path folder;

    private Path out;

    @BeforeEach
    void name() {
        out = folder.resolve("pcqm.db");
    }

    @Test
    void build_realMolecules_everyOneIsFeaturisedAsTheReferenceCounts() throws Exception {
        Path real = PcqmFixture.REAL.resolve("data.csv.gz");
        assumeThat(real).exists();

        PcqmBuildReport report = builder(real).build();

        assertThat(report.molecules()).isEqualTo(1999);
        assertThat(report.rejects()).isEmpty();
        List<String> expected = new ArrayList<>();
        for (String line : lines(PcqmFixture.REAL.resolve("cdk_oracle_pcqm2k.tsv.gz"))) {
            expected.add(String.join("|", Arrays.copyOf(line.split("\t", -1), 3)));
        }
        assertThat(PcqmFixture.query(out, "SELECT idx, num_atoms, num_bonds FROM molecules ORDER BY idx"))
                .isEqualTo(expected.subList(1, expected.size()));
        List<String> graphs = PcqmFixture.query(
                out, "SELECT hex(node_features), hex(edge_index), hex(edge_attr), hex(target) FROM graph_structures");
        List<String> source = lines(real);
        for (int i = 0; i < graphs.size(); i++) {
            String[] record = source.get(i + 1).split(",", -1);
            Graph graph = FeatureSpec.OGB_9_3.featurize(MoleculeReader.smiles(record[1]));
            String[] found = graphs.get(i).split("\\|", -1);
            assertThat(found[0]).isEqualTo(hex(graph.nodeFeatures()));
            assertThat(found[1]).isEqualTo(hex(graph.edgeIndex()));
            assertThat(found[2]).isEqualTo(hex(graph.edgeFeatures()));
            assertThat(TensorBlob.parse(HexFormat.of().parseHex(found[3])).toFloats())
                    .containsExactly((float) Double.parseDouble(record[2]));
        }
        assertThat(Verification.verify(out).faults()).isEmpty();
    }

    @Test
    void build_realCorruptSmiles_areRejectedByRecordAndCounted() throws Exception {
        Path corrupt = PcqmFixture.REAL.resolve("graphium__micro_ZINC_corrupt_head.csv");
        Path single = PcqmFixture.REAL.resolve("graphium__single_atom_dataset.csv");
        assumeThat(corrupt).exists();
        List<String> all = new ArrayList<>(List.of("homolumogap,smiles,idx"));
        for (Path file : List.of(corrupt, single)) {
            List<String> lines = Files.readAllLines(file);
            lines.subList(1, lines.size())
                    .forEach(line -> all.add("1.5," + line.split(",", -1)[0] + "," + (all.size() - 1)));
        }
        Path csv = PcqmFixture.csv(folder, all.toArray(String[]::new));
        Path rejects = folder.resolve("rejects.tsv");

        PcqmBuildReport report =
                builder(csv).optMaxRejects(1).optRejects(rejects).build();

        assertThat(report.molecules() + report.rejected()).isEqualTo(all.size() - 1);
        assertThat(report.rejects()).containsOnlyKeys("bad_smiles");
        List<String> lines = Files.readAllLines(rejects);
        assertThat(lines).hasSize((int) report.rejected() + 1);
        assertThat(lines.get(0)).isEqualTo("file\trecord\tid\treason\tdetail");
        assertThat(lines.get(1)).startsWith("data.csv\t1\t1\tbad_smiles\t");
        // The six single atoms at the end.
        assertThat(PcqmFixture.query(out, "SELECT count(*) FROM molecules WHERE num_atoms = 1 AND num_bonds = 0"))
                .containsExactly("6");
    }

    @Test
    void build_anyFault_isRejectedWithItsReasonAndNeverReplaced() throws IOException {
        Path csv = PcqmFixture.csv(
                folder,
                "\uFEFFsmiles,homolumogap,idx,dipole",
                "C,1.5,0,0.5",
                "CC,,1,0.5\r",
                "CCC,NaN,2,1",
                "CCCC,-inf,3,",
                "C(C,2,4,1",
                ",2,5,1",
                "C,high,6,1",
                "C,2,-7,1",
                "C,2,1.5,1",
                "C,2,8",
                "\"C\",\"2.5\",9,\"nan\"",
                "\"C\"x,2,10,1",
                "C,2,0,1",
                "C,2,12,much");

        PcqmBuildReport report = builder(csv)
                .optMaxRejects(1)
                .optTargets(List.of("Dipole"))
                .optSplitRatios(new SplitRatios(1, 0, 0))
                .build();

        assertThat(PcqmFixture.query(out, "SELECT record, idx, reason FROM rejects"))
                .containsExactly(
                        "4|4|bad_smiles",
                        "5|5|bad_smiles",
                        "6|6|bad_target",
                        "7|null|bad_idx",
                        "8|null|bad_idx",
                        "9|null|malformed_record",
                        "11|null|malformed_record",
                        "12|0|duplicate_idx",
                        "13|12|bad_target");
        assertThat(PcqmFixture.query(out, "SELECT idx, smiles, homo_lumo_gap FROM molecules"))
                .containsExactly("0|C|1.5", "1|CC|null", "2|CCC|null", "3|CCCC|null", "9|C|2.5");
        assertThat(targets(0)).containsExactly(1.5f, 0.5f);
        assertThat(targets(9)).containsExactly(2.5f, Float.NaN);
        assertThat(PcqmFixture.query(out, "SELECT target FROM graph_structures WHERE idx = 2"))
                .containsExactly("null");
        assertThat(report.unlabelled()).isEqualTo(3);
        assertThat(report.molecules() + report.rejected()).isEqualTo(report.recordsPresent());
        assertThat(PcqmFixture.query(
                        out, "SELECT value FROM dataset_stats WHERE key IN ('homo_lumo_gap_mean', 'labelled_train')"))
                .containsExactly("2.0", "2");
        assertThat(Verification.verify(out).faults()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void build_anyNumberOfThreads_givesTheSameRowsAndStatistics(boolean blocks) throws IOException {
        Path csv = PcqmFixture.sample(folder, 3000);
        PcqmLayout layout = blocks ? PcqmLayout.BLOCKS : PcqmLayout.ROWS;
        List<List<String>> digests = new ArrayList<>();
        for (int threads : new int[] {1, 2, 4}) {
            builder(csv)
                    .optLayout(layout)
                    .optThreads(threads)
                    .optRecordsPerSave(700L * threads)
                    .optRebuild(true)
                    .build();
            digests.add(PcqmFixture.digests(out));
            assertThat(Verification.verify(out).faults()).isEmpty();
        }
        assertThat(digests.get(1)).isEqualTo(digests.get(0)).isNotEmpty();
        assertThat(digests.get(2)).isEqualTo(digests.get(0));
    }

    @Test
    void build_blocks_holdTheRowsOfTheOtherLayoutBySplitInOrder() throws IOException {
        Path csv = PcqmFixture.sample(folder, 1000);
        builder(csv).build();
        List<String> rows = PcqmFixture.graphs(out);
        List<String> molecules = PcqmFixture.query(out, "SELECT idx, smiles, split FROM molecules");
        Path blocks = folder.resolve("blocks.db");

        new PcqmBuilder()
                .setCsv(csv)
                .setDatabase(blocks)
                .optLayout(PcqmLayout.BLOCKS)
                .optGraphsPerBlock(64)
                .build();

        assertThat(PcqmFixture.query(blocks, "SELECT idx, smiles, split FROM molecules"))
                .isEqualTo(molecules);
        for (String split : List.of("train", "val", "test")) {
            List<String> laid = new ArrayList<>();
            List<String> counts = new ArrayList<>();
            for (String block : PcqmFixture.query(
                    blocks,
                    "SELECT hex(graphs), graph_count, first_idx FROM graph_blocks WHERE split = '" + split
                            + "' ORDER BY first_idx")) {
                String[] column = block.split("\\|", -1);
                counts.add(column[1]);
                laid.add(column[0]);
            }
            List<String> expected = PcqmFixture.query(
                    out,
                    "SELECT hex(node_features) || hex(edge_index) || coalesce(hex(edge_attr), '00')"
                            + " || CASE WHEN target IS NULL THEN '00' ELSE hex(target) END || printf('%02X%02X%02X%02X',"
                            + " row_crc & 255, row_crc >> 8 & 255, row_crc >> 16 & 255, row_crc >> 24)"
                            + " FROM graph_structures JOIN molecules USING (idx) WHERE split = '" + split
                            + "' ORDER BY idx");
            assertThat(String.join("", laid)).isEqualTo(String.join("", expected));
            assertThat(counts.subList(0, counts.size() - 1)).containsOnly("64");
        }
        assertThat(rows).hasSize(1000);
        assertThat(PcqmFixture.query(blocks, "SELECT count(*) FROM graph_structures"))
                .containsExactly("0");
        assertThat(Verification.verify(blocks).faults()).isEmpty();
    }

    @Test
    void build_statistics_areThoseOfTheLabelledTrainingSplit() throws IOException {
        builder(PcqmFixture.sample(folder, 2000)).build();

        double[] gaps = PcqmFixture.query(
                        out,
                        "SELECT homo_lumo_gap FROM molecules WHERE split = 'train' AND homo_lumo_gap IS NOT NULL ORDER BY idx")
                .stream()
                .mapToDouble(Double::parseDouble)
                .toArray();
        double mean = Arrays.stream(gaps).average().orElseThrow();
        double variance = Arrays.stream(gaps)
                .map(gap -> (gap - mean) * (gap - mean))
                .average()
                .orElseThrow();
        assertThat(statistic("homo_lumo_gap_mean")).isCloseTo(mean, within(1e-12));
        assertThat(statistic("homo_lumo_gap_std")).isCloseTo(Math.sqrt(variance), within(1e-12));
        assertThat(statistic("homo_lumo_gap_max"))
                .isEqualTo(Arrays.stream(gaps).max().orElseThrow());
        assertThat(statistic("labelled_train")).isEqualTo(gaps.length);
        assertThat(statistic("molecules_train")).isEqualTo(1600).isGreaterThan(gaps.length);
        assertThat(PcqmFixture.query(out, "SELECT value FROM dataset_info WHERE key = 'synthetic'"))
                .containsExactly("true");
    }

    @Test
    void statistics_equalLabels_haveADeviationToDivideBy() throws IOException {
        Path csv = PcqmFixture.csv(folder, "idx,smiles,homolumogap", "0,C,1.5", "1,CC,1.5", "2,CCC,1.5");
        builder(csv).optSplitRatios(new SplitRatios(1, 0, 0)).build();

        assertThat(statistic("homo_lumo_gap_std")).isZero();
        try (PcqmDataset dataset =
                PcqmDataset.builder().setDatabase(out).setSampling(2, false).build()) {
            assertThat(dataset.statistics()).isEqualTo(new PcqmStatistics(1.5, 1));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"homo_lumo_gap", "HomoLumoGap", "num_atoms", "molecules", "a,b", "a\tb", "", "dipole"})
    void optTargets_nameThatWouldMixStatistics_isRefused(String name) {
        // With these names one number would be stored over another, and the mean of a target silently be that of atoms.
        assertThatThrownBy(() -> new PcqmBuilder().optTargets(List.of("Dipole", name)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("found [" + name + "]");
    }

    @Test
    void build_inputWithoutOrder_givesTheRowsOfTheOrderedOneAndRefusesBlocks() throws IOException {
        List<String> lines = lines(PcqmFixture.sample(folder, 1500));
        List<String> shuffled = new ArrayList<>(lines.subList(1, lines.size()));
        java.util.Collections.shuffle(shuffled, new java.util.Random(5));
        shuffled.add(shuffled.get(3));
        shuffled.add(0, lines.get(0));
        Path csv = PcqmFixture.csv(folder, lines.toArray(String[]::new));
        builder(csv).optSplit(PcqmSplitChoice.own()).build();
        List<String> ordered = PcqmFixture.graphs(out);
        Files.write(csv, shuffled);

        PcqmBuildReport report =
                builder(csv).optSplit(PcqmSplitChoice.own()).optRebuild(true).build();

        assertThat(report.rejects()).containsExactly(java.util.Map.entry("duplicate_idx", 1L));
        assertThat(PcqmFixture.graphs(out)).isEqualTo(ordered);
        assertThat(Verification.verify(out).faults()).isEmpty();
        assertThatThrownBy(() -> builder(csv)
                        .optLayout(PcqmLayout.BLOCKS)
                        .optRebuild(true)
                        .build())
                .isInstanceOf(RejectedInputException.class)
                .hasMessageContaining("Sort the file by idx");
    }

    @Test
    void build_splits_areExactOrAsTheFileSays() throws IOException {
        Path csv = PcqmFixture.sample(folder, 999);
        PcqmBuildReport ratios =
                builder(csv).optSplitRatios(new SplitRatios(0.5, 0.3, 0.2)).build();
        assertThat(ratios.splits()).containsOnly(entry("train", 500), entry("val", 299), entry("test", 200));
        List<String> first = PcqmFixture.query(out, "SELECT split FROM molecules ORDER BY idx");
        builder(csv)
                .optSplitRatios(new SplitRatios(0.5, 0.3, 0.2))
                .optSeed(43)
                .optRebuild(true)
                .build();
        assertThat(PcqmFixture.query(out, "SELECT split FROM molecules ORDER BY idx"))
                .isNotEqualTo(first);

        PcqmBuildReport some = builder(csv).optMaxSamples(100).optRebuild(true).build();
        assertThat(some.molecules()).isEqualTo(100);
        assertThat(some.leftOut()).isEqualTo(899);
        assertThat(some.splits()).containsOnly(entry("train", 80), entry("val", 10), entry("test", 10));

        Path json = Files.writeString(
                folder.resolve("split.json"), "{ \"train\" : [0, 1 ,2], \"valid\":[3],\"test-dev\":[] }");
        PcqmBuildReport listed = builder(csv)
                .optSplit(PcqmSplitChoice.file(json))
                .optRebuild(true)
                .build();
        assertThat(listed.splits()).containsOnly(entry("train", 3), entry("val", 1), entry("test-dev", 0));
        Path table = Files.writeString(folder.resolve("split.csv"), "split,idx\ntrain,0\nvalidation,998\n");
        PcqmBuildReport tabled = builder(csv)
                .optSplit(PcqmSplitChoice.file(table))
                .optRebuild(true)
                .build();
        assertThat(tabled.splits()).containsOnly(entry("train", 1), entry("val", 1));
        for (String bad : List.of(
                "{\"train\":[0],\"val\":[0]}",
                "{\"train\":[-1]}",
                "{\"train\":[0",
                "{\"else\":[0]}",
                "idx,split\n0,x\n",
                "idx,split\n0,val\n",
                "idx\n0\n")) {
            Files.writeString(table, bad);
            assertThatThrownBy(() -> builder(csv)
                            .optSplit(PcqmSplitChoice.file(table))
                            .optRebuild(true)
                            .build())
                    .as(bad)
                    .isInstanceOf(RejectedInputException.class);
        }
    }

    @Test
    void ownSplits_atTheirBounds_areTheDataSets() {
        PcqmSplits own = new PcqmSplits.Own();
        assertThat(List.of(
                        own.of(0, 0),
                        own.of(0, 3_378_605),
                        own.of(0, 3_378_606),
                        own.of(0, 3_452_150),
                        own.of(0, 3_452_151),
                        own.of(0, 3_599_187),
                        own.of(0, 3_599_188),
                        own.of(0, 3_746_619)))
                .containsExactly(
                        "train", "train", "val", "val", "test-dev", "test-dev", "test-challenge", "test-challenge");
    }

    @Test
    void build_existingDatabase_isUpToDateOrSaysWhatDiffers() throws IOException {
        Path csv = PcqmFixture.sample(folder, 300);
        builder(csv).build();

        assertThat(builder(csv).build().upToDate()).isTrue();
        assertThatThrownBy(() -> builder(csv).optSmiles(false).build())
                .isInstanceOf(OutdatedDatabaseException.class)
                .hasMessageContaining("expected smiles false, found true");
        builder(csv).optSmiles(false).optSourceIndexes(true).optRebuild(true).build();
        assertThat(PcqmFixture.query(out, "SELECT count(smiles) FROM molecules"))
                .containsExactly("0");
        assertThat(PcqmFixture.query(out, "SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL"))
                .contains("molecules_num_atoms", "molecules_homo_lumo", "molecules_split");
    }

    @Test
    void build_tooManyRejects_publishesNothingAndLeavesNothingToResume() throws IOException {
        Path csv = PcqmFixture.csv(folder, "idx,smiles,homolumogap", "0,C,1", "1,X(,1", "2,C,1");
        Path rejects = folder.resolve("rejects.tsv");

        assertThatThrownBy(() -> builder(csv).optRejects(rejects).build())
                .isInstanceOf(RejectedInputException.class)
                .hasMessageContaining("found 1 rejected {bad_smiles=1}");

        assertThat(out).doesNotExist();
        assertThat(PcqmBuilder.hasPartial(out)).isFalse();
        assertThat(Files.readAllLines(rejects)).hasSize(2);
    }

    @Test
    void build_wrongHeader_namesTheColumns() throws IOException {
        Path csv = PcqmFixture.csv(folder, "SMILES,score", "C,6");

        assertThatThrownBy(() -> builder(csv).build())
                .isInstanceOf(RejectedInputException.class)
                .hasMessageContaining("idx (missing), homolumogap (missing)")
                .hasMessageContaining("found 'smiles,score'");
    }

    private PcqmBuilder builder(Path csv) {
        return new PcqmBuilder().setCsv(csv).setDatabase(out).optThreads(2);
    }

    private static java.util.Map.Entry<String, Long> entry(String split, long count) {
        return java.util.Map.entry(split, count);
    }

    private double statistic(String key) {
        return Double.parseDouble(PcqmFixture.query(out, "SELECT value FROM dataset_stats WHERE key = '" + key + "'")
                .get(0));
    }

    private float[] targets(long idx) {
        String hex = PcqmFixture.query(out, "SELECT hex(target) FROM graph_structures WHERE idx = " + idx)
                .get(0);
        return TensorBlob.parse(HexFormat.of().parseHex(hex)).toFloats();
    }

    private static String hex(TensorBlob blob) {
        return HexFormat.of().withUpperCase().formatHex(blob.toBytes());
    }

    private static List<String> lines(Path gzip) throws IOException {
        try (BufferedReader text = new BufferedReader(
                new InputStreamReader(new GZIPInputStream(Files.newInputStream(gzip)), StandardCharsets.UTF_8))) {
            return text.lines().toList();
        }
    }
}
