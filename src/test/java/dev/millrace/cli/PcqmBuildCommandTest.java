package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code millrace pcqm build}: what it prints and returns. */
class PcqmBuildCommandTest {
    @TempDir
    Path folder;

    private Path csv;
    private Path out;

    @BeforeEach
    void write() throws IOException {
        csv = folder.resolve("data.csv.gz");
        out = folder.resolve("pcqm.db");
        assertThat(Shell.millrace("sample", "pcqm", "--count", 500, "--out", csv)
                        .code())
                .isZero();
    }

    @Test
    void build_json_tellsCountsAndRuleAndOtherCommandsKnowTheFile() {
        Shell shell = build("--csv", csv, "--layout", "blocks", "--threads", 2, "--json");

        assertThat(shell.code()).as(shell.error()).isZero();
        JsonNode json = JsonMapper.shared().readTree(shell.out());
        assertThat(json.get("molecules").asInt()).isEqualTo(500);
        assertThat(json.get("records_present").asInt()).isEqualTo(500);
        assertThat(json.get("layout").asString()).isEqualTo("blocks");
        assertThat(json.get("feature_spec").asString()).isEqualTo("ogb-9-3");
        assertThat(json.get("splits").get("train").asInt()).isEqualTo(400);
        assertThat(json.get("split_rule").asString()).startsWith("ratios 0.8,0.1,0.1, seed 42");
        assertThat(json.get("up_to_date").asBoolean()).isFalse();
        assertThat(Shell.millrace("verify", out).code()).isZero();
        Shell inspect = Shell.millrace("inspect", out, "--json");
        JsonNode info = JsonMapper.shared().readTree(inspect.out());
        assertThat(info.get("kind").asString()).isEqualTo("pcqm");
        assertThat(info.get("dataset_info").get("splits").asString()).isEqualTo("ratios 0.8,0.1,0.1");
        // Of 64 graphs, each split's own.
        assertThat(info.get("tables").get("graph_blocks").asInt()).isEqualTo(7 + 1 + 1);
        assertThat(Shell.millrace("optimize", out).code()).isZero();
        Shell again = build("--csv", csv, "--layout", "BLOCKS");
        assertThat(again.out()).contains("is up to date");
    }

    @Test
    void build_withoutAnyGap_warnsThatNothingCanBeTrained() {
        Path unlabelled = folder.resolve("unlabelled.csv");
        Shell.millrace("sample", "pcqm", "--count", 20, "--unlabelled", 1, "--out", unlabelled);

        Shell shell = Shell.millrace("pcqm", "build", "--csv", unlabelled, "--out", out, "-q");

        assertThat(shell.code()).as(shell.error()).isZero();
        assertThat(shell.errorLines()).singleElement().asString().contains("homolumogap");
    }

    @Test
    void build_faults_areOneLineWithTheDocumentedCode() throws IOException {
        expect(2, "No such file", "--csv", folder.resolve("none.csv"));
        expect(2, "Missing required argument", "--threads", 1);
        expect(2, "mutually exclusive", "--csv", csv, "--sdf", csv);
        expect(2, "--split: expected own, ratios or a file", "--csv", csv, "--split", "half");
        expect(2, "expected one of [ogb-9-3, bitspec-48-6]", "--csv", csv, "--feature-spec", "pyg-9-3");
        expect(2, "Further targets: expected", "--csv", csv, "--targets", "num_atoms");
        expect(2, "Split ratios", "--csv", csv, "--split-ratios", "1,1,1");
        expect(4, "no SQLite database", "--pyg-db", csv);
        Path bad = Files.writeString(folder.resolve("bad.csv"), "idx,smiles,homolumogap\n0,X(,1\n1,C,1\n");
        expect(3, "found 1 rejected {bad_smiles=1}", "--csv", bad);
        Path cut = Files.write(folder.resolve("cut.csv.gz"), java.util.Arrays.copyOf(Files.readAllBytes(csv), 2000));
        expect(3, "damaged or cut", "--csv", cut);
        assertThat(out).doesNotExist();
    }

    @Test
    void build_outputOverAFileThatIsRead_isRefusedAndLeavesItAlone() throws IOException {
        Path splits = Files.writeString(folder.resolve("splits.csv"), "idx,split\n0,train\n");
        Path sdf = Files.writeString(folder.resolve("a.sdf"), "");
        Path gaps = Files.writeString(folder.resolve("gaps.csv"), "idx,homolumogap\n0,5\n");

        expect(2, "would be overwritten", "--csv", csv, "--split", splits, "--rejects", splits);
        expect(2, "would be overwritten", "--sdf", sdf, "--gaps", gaps, "--rejects", gaps);
        expect(2, "would be overwritten", "--csv", csv, "--rejects", out);

        assertThat(splits).hasContent("idx,split\n0,train\n");
        assertThat(gaps).hasContent("idx,homolumogap\n0,5\n");
    }

    @Test
    void build_optionThatWouldNotBeLookedAt_isRefused() throws IOException {
        expect(2, "--split-ratios: expected --split ratios", "--csv", csv, "--split", "own", "--split-ratios", "1,0,0");
        expect(2, "--graphs-per-block: expected --layout blocks", "--csv", csv, "--graphs-per-block", 8);
        expect(2, "--gap-field: expected --sdf", "--csv", csv, "--gap-field", "gap");
        assertThat(out).doesNotExist();
    }

    @Test
    void build_splitFileThatIsNone_isOneLineWithItsFault() throws IOException {
        Path splits = folder.resolve("splits.json");
        Files.write(splits, new byte[] {'{', '"', 't', (byte) 0xFF, (byte) 0xFE, '"', ':'});
        expect(3, "expected train, valid, test", "--csv", csv, "--split", splits);
        Files.writeString(splits, "{\"train\":[0,1]} {\"train\":[2]}");
        expect(3, "expected the end behind '}', found '{'", "--csv", csv, "--split", splits);
        Files.writeString(splits, "{\"train\":[999999]}\n");
        expect(3, "The splits name none of the input", "--csv", csv, "--split", splits);
        assertThat(out).doesNotExist();
    }

    @Test
    void build_idxBeyondItsRange_isToldThatRange() throws IOException {
        Path far = Files.writeString(
                folder.resolve("far.csv"), "idx,smiles,homolumogap\n9223372036854775807,C,1\n1,C,1\n");
        Path rejects = folder.resolve("rejects.tsv");

        Shell shell = build("--csv", far, "--max-rejects", 1, "--rejects", rejects);

        assertThat(shell.code()).as(shell.error()).isZero();
        assertThat(rejects).content().contains("expected a whole number 0 to 999999999999999999");
        assertThat(Shell.millrace("sample", "pcqm", "--count", 2, "--first-idx", 999999999999999999L, "--out", far)
                        .error())
                .contains("error: Expected a last idx below 1000000000000000000");
    }

    @Test
    void build_partialOfAnotherKind_isNotResumed() throws IOException {
        Files.writeString(folder.resolve("pcqm.db.partial"), "something else ".repeat(500));

        expect(4, "no SQLite database", "--csv", csv, "--resume");

        Shell anew = build("--csv", csv);
        assertThat(anew.code()).isZero();
        assertThat(anew.error()).contains("Giving up the interrupted build");
    }

    private void expect(int code, String part, Object... options) {
        Shell shell = build(options);
        assertThat(shell.code()).as(shell.error()).isEqualTo(code);
        assertThat(shell.errorLines())
                .filteredOn(line -> line.startsWith("error: "))
                .singleElement()
                .asString()
                .contains(part);
    }

    private Shell build(Object... options) {
        Object[] words = new Object[options.length + 4];
        words[0] = "pcqm";
        words[1] = "build";
        words[2] = "--out";
        words[3] = out;
        System.arraycopy(options, 0, words, 4, options.length);
        return Shell.millrace(words);
    }
}
