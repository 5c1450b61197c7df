package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GenomePredictItemsCommandTest {
    @TempDir
    Path folder;

    @Test
    void predictItems_sequences_areWholeWithTheFirstTokenMasked() throws IOException {
        Path fasta = Files.writeString(folder.resolve("f.fa"), ">b two\nACg\nN\n>a\nT\n>Z\n");
        Path out = folder.resolve("items");

        Shell shell = Shell.millrace("genome", "predict-items", "--fasta", fasta, "--out", out);

        assertThat(shell.code()).as(shell.error()).isZero();
        assertThat(Files.readString(out.resolve("seq_idx_map.json"))).isEqualTo("{\"Z\":0,\"a\":1,\"b\":2}");
        assertThat(Files.readAllLines(out.resolve("items.jsonl")))
                .containsExactly(
                        "{\"tokens\":[0,65,67,71,78],\"position_ids\":[0,1,2,3,4],\"seq_idx\":2,\"loss_mask\":[0,1,1,1,1]}",
                        "{\"tokens\":[0,84],\"position_ids\":[0,1],\"seq_idx\":1,\"loss_mask\":[0,1]}",
                        "{\"tokens\":[0],\"position_ids\":[0],\"seq_idx\":0,\"loss_mask\":[0]}");

        assertThat(Shell.millrace("genome", "predict-items", "--fasta", fasta, "--out", out, "--no-bos")
                        .code())
                .isZero();
        assertThat(Files.readAllLines(out.resolve("items.jsonl")))
                .element(1)
                .isEqualTo("{\"tokens\":[84],\"position_ids\":[0],\"seq_idx\":1,\"loss_mask\":[1]}");
    }

    @Test
    void predictItems_badRecords_writeNothing() throws IOException {
        Path out = folder.resolve("items");
        for (String text : List.of(">a\nAC\n>a\nGT\n", ">a\nAC\n>b\nA9C\n", "no fasta")) {
            Path fasta = Files.writeString(folder.resolve("f.fa"), text);

            Shell shell = Shell.millrace("genome", "predict-items", "--fasta", fasta, "--out", out);

            assertThat(shell.code()).isNotZero();
            assertThat(shell.error()).contains("f.fa").contains("line");
            assertThat(out.resolve("items.jsonl")).doesNotExist();
        }
    }

    @Test
    void logStats_logsOfARun_tellCoverageAndRanks() throws IOException {
        String header = "window_idx,sequence_id,sample_id,window_in_seq_idx,rank,access_ts\r\n";
        Path logs = Files.createDirectories(folder.resolve("logs"));
        Files.writeString(
                logs.resolve("window_access_train_rank0_00000000.csv"), header + "0,c,S,0,0,1\r\n1,c,S,0,0,2\r\n");
        Files.writeString(
                logs.resolve("window_access_train_rank1_11111111.csv"), header + "2,c,S,0,1,1\r\n1,c,S,0,1,2\r\n3,c");

        Shell table = Shell.millrace("genome", "log-stats", logs);
        Shell json = Shell.millrace("genome", "log-stats", logs, "--json");

        assertThat(table.code()).as(table.error()).isZero();
        assertThat(table.out())
                .contains("4 visits of 3 of 3 windows in 2 logs; 1 repeats, 0 more than whole epochs need")
                .contains("100.00 %")
                .contains("33.33 %")
                .contains("1 windows were visited by several ranks");
        assertThat(table.error()).contains("window_access_train_rank1_11111111.csv is cut");
        assertThat(json.out().replaceAll("\\s", ""))
                .contains("\"windows_of_several_ranks\":1")
                .contains("\"visits_per_window\":{\"1\":2,\"2\":1}")
                .contains("{\"rank\":1,\"visits\":2,\"distinct_windows\":2}");
        assertThat(Shell.millrace("genome", "log-stats", folder).code()).isEqualTo(2);
        assertThat(Shell.millrace("genome", "log-stats", logs, "--windows", folder.resolve("no.db"))
                        .code())
                .isEqualTo(2);
    }
}
