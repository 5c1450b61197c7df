package dev.millrace.molecule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FeatureFileTest {
    @TempDir
    Path folder;

    private Path file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    private List<String> features(FeatureSpec spec, MoleculeSource source) throws IOException {
        Path out = folder.resolve("out.jsonl");
        FeatureFile.write(spec, source, out, 2);
        return Files.readAllLines(out);
    }

    private static String mol(String title, String element) {
        return title + "\n  test  2D\n\n  1  0  0  0  0  0  0  0  0  0999 V2000\n    0.0000    0.0000    0.0000 "
                + element + "   0  0\nM  END\n";
    }

    @Test
    void write_smilesWithNamesBlankAndBadLines_givesOneObjectEachInOrder() throws IOException {
        Path in = file("in.smi", "CO methanol \"a\\b\"\n\n  \nC1\tbroken\r\nO\n");
        List<String> lines = features(FeatureSpec.OGB_9_3, new MoleculeSource.SmilesFile(in));
        assertThat(lines).hasSize(3);
        assertThat(lines.get(0))
                .isEqualTo("{\"id\":\"methanol \\\"a\\\\b\\\"\",\"num_nodes\":2,"
                        + "\"node_feat\":[[5,0,4,5,3,0,2,0,0],[7,0,2,5,1,0,2,0,0]],"
                        + "\"edge_index\":[[0,1],[1,0]],\"edge_feat\":[[0,0,0],[0,0,0]]}");
        assertThat(lines.get(1))
                .startsWith("{\"id\":\"broken\",\"error\":\"SMILES syntax: ring 1 is not closed")
                .contains("line 4");
        assertThat(lines.get(2))
                .isEqualTo(
                        "{\"num_nodes\":1,\"node_feat\":[[7,0,2,5,2,0,2,0,0]],\"edge_index\":[[],[]],\"edge_feat\":[]}");
    }

    @Test
    void write_molFolder_isSortedByNumberWhateverTheCase() throws IOException {
        file("ID10.MOL", mol("ten", "C"));
        file("ID9.mol", mol("nine", "N"));
        file("id100.Mol", mol("hundred", "O"));
        file("readme.txt", "no molecule");
        file("ID11.MOL", "");
        List<String> lines = features(FeatureSpec.BITSPEC_48_6, new MoleculeSource.MolFolder(folder));
        assertThat(lines)
                .extracting(line -> line.substring(0, line.indexOf(',')))
                .containsExactly("{\"id\":\"9\"", "{\"id\":\"10\"", "{\"id\":\"11\"", "{\"id\":\"100\"");
        assertThat(lines.get(2)).contains("\"error\":\"MOL file is empty");
    }

    @Test
    void write_inputThatBreaksOff_failsAndLeavesNothingBehind() throws IOException {
        java.io.ByteArrayOutputStream packed = new java.io.ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(packed)) {
            out.write("CCO\n".repeat(10_000).getBytes(StandardCharsets.UTF_8));
        }
        Path in = Files.write(
                folder.resolve("cut.smi.gz"), java.util.Arrays.copyOf(packed.toByteArray(), packed.size() / 2));
        assertThatThrownBy(() -> features(FeatureSpec.OGB_9_3, new MoleculeSource.SmilesFile(in)))
                .isInstanceOf(IOException.class);
        assertThat(folder.resolve("out.jsonl")).doesNotExist();
        assertThat(folder.resolve("out.jsonl.partial")).doesNotExist();
    }

    @Test
    void write_sdfWithDataFieldsAndWithoutLastSeparator_readsEveryRecord() throws IOException {
        Path in = file(
                "in.sdf", mol("first", "C") + ">  <x>\n1\n\n$$$$\n" + mol("", "Xx") + "$$$$\n" + mol("third", "O"));
        List<String> lines = features(FeatureSpec.OGB_9_3, new MoleculeSource.SdfFile(in));
        assertThat(lines).hasSize(3);
        assertThat(lines.get(0)).startsWith("{\"id\":\"first\",\"num_nodes\":1");
        assertThat(lines.get(1))
                .startsWith("{\"error\":\"MOL block: unknown element 'Xx' (")
                .contains("in.sdf, line 15");
        assertThat(lines.get(2)).startsWith("{\"id\":\"third\"");
    }

    @Test
    void write_compressedInAndOut_isTheSameForAnyThreads() throws IOException {
        Path plain = file("in.smi", "C[C@H](F)Cl a\nc1ccccc1 b\n[Na+].[Cl-] c\n".repeat(700));
        Path packed = folder.resolve("in.smi.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
            Files.copy(plain, out);
        }
        Path one = folder.resolve("one.jsonl");
        Path four = folder.resolve("four.jsonl.gz");
        FeatureFile.Counts counts =
                FeatureFile.write(FeatureSpec.OGB_9_3, new MoleculeSource.SmilesFile(plain), one, 1);
        FeatureFile.write(FeatureSpec.OGB_9_3, new MoleculeSource.SmilesFile(packed), four, 4);
        assertThat(counts).isEqualTo(new FeatureFile.Counts(2_100, 0));
        try (GZIPInputStream in = new GZIPInputStream(Files.newInputStream(four))) {
            assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo(Files.readString(one));
        }
    }

    @Test
    void write_inputMissing_leavesNothingBehind() throws IOException {
        Path out = folder.resolve("out.jsonl");
        assertThatThrownBy(() -> FeatureFile.write(
                        FeatureSpec.OGB_9_3, new MoleculeSource.SmilesFile(folder.resolve("absent.smi")), out, 1))
                .isInstanceOf(NoSuchFileException.class);
        try (var files = Files.list(folder)) {
            assertThat(files).isEmpty();
        }
    }

    @Test
    void write_endlessLine_isRefusedNotLoaded() throws IOException {
        Path in = folder.resolve("in.smi.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(in))) {
            byte[] block = "C".repeat(1 << 20).getBytes(StandardCharsets.US_ASCII);
            for (int i = 0; i < 64; i++) {
                out.write(block);
            }
            out.write("\nO\n".getBytes(StandardCharsets.US_ASCII));
        }
        List<String> lines = features(FeatureSpec.OGB_9_3, new MoleculeSource.SmilesFile(in));
        assertThat(lines).hasSize(2);
        assertThat(lines.get(0)).startsWith("{\"error\":\"SMILES is too long");
        assertThat(lines.get(1)).startsWith("{\"num_nodes\":1");
    }
}
