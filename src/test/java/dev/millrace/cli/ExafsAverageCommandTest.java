package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.exafs.ExafsBuilder;
import dev.millrace.exafs.ExafsSample;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

final class ExafsAverageCommandTest {
    private static final int ATOMS = 2;

    @TempDir
    static Path shared;

    private static Path tree = Path.of("");
    private static Path database = Path.of("");

    @TempDir
    Path folder;

    @BeforeAll
    static void write() throws IOException {
        tree = shared.resolve("tree");
        new ExafsSample(4, ATOMS, 20, 9).write(tree, 2, dev.millrace.build.BuildProgress.NONE);
        database = shared.resolve("chi.db");
        new ExafsBuilder().setTree(tree).setDatabase(database).build();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "--paths U-O,U-U --max-distance 4.5",
                "--paths U-O,U-U,U-O-O --max-distance 4.5,5 --min-distance 1",
                "--start 1 --end 3",
                "--frames 0,2-3 --atoms 1 --nleg 2-3",
                "--paths-numbers 1-8,12",
                "--paths [1,8]",
                "--paths [1,3,5]",
                "--elements U --contains O --denominator all",
                "--or paths=U-O --or nleg=3",
                "--aggregate sum --min-degeneracy 1 --max-degeneracy 1"
            })
    void average_anySelection_writesTheSameFromDatabaseAndFiles(String options) throws IOException {
        Path one = folder.resolve("files.csv");
        Path other = folder.resolve("database.csv");

        Shell fromFiles = average(options, "--input-dir", tree, "--out", one);
        Shell fromDatabase = average(options, "--database", database, "--out", other);

        assertThat(fromFiles.code()).as(fromFiles.error()).isZero();
        assertThat(fromDatabase.code()).as(fromDatabase.error()).isZero();
        assertThat(Files.readString(other)).isEqualTo(Files.readString(one));
        List<String> lines = Files.readAllLines(one);
        assertThat(lines.get(0)).isEqualTo("k,chi,std_error");
        assertThat(lines).hasSize(402);
        assertThat(lines.get(401)).startsWith("20,");
    }

    @Test
    void average_listOfDistances_goesOnWithItsLastValue() throws IOException {
        JsonNode both = summary("--paths U-O,U-U,U-O-O --max-distance 2.5,5 --json", database);
        JsonNode each =
                summary("--or 'paths=U-O max-distance=2.5' --or 'paths=U-U,U-O-O max-distance=5' --json", database);

        assertThat(both.get("paths").asLong())
                .isPositive()
                .isEqualTo(each.get("paths").asLong());
    }

    @ParameterizedTest
    @CsvSource({"500,600", "1,1"})
    void average_framesThatHoldNothing_isNoDataAndWritesNothing(String start, String end) throws IOException {
        for (Object[] source : List.of(new Object[] {"--database", database}, new Object[] {"--input-dir", tree})) {
            Path out = folder.resolve("none.csv");
            Shell shell = Shell.millrace(
                    "exafs", "average", source[0], source[1], "--start", start, "--end", end, "--out", out);

            assertThat(shell.code()).isEqualTo(2);
            assertThat(shell.error()).contains("No data").contains("frames 0 … 3");
            assertThat(out).doesNotExist();
        }
    }

    @Test
    void average_endOfFrames_isOutsideUnlessCompatible() throws IOException {
        for (String source : List.of("--database " + database, "--input-dir " + tree)) {
            String options = source + " --start 1 --end 3 --json";
            assertThat(summary(options, null).get("atoms").asLong()).isEqualTo(2L * ATOMS);
            assertThat(summary(options + " --upstream-compat", null)
                            .get("atoms")
                            .asLong())
                    .isEqualTo(3L * ATOMS);
        }
    }

    @Test
    void average_textFile_readsAsTheOriginals() throws IOException {
        Path out = folder.resolve("average.dat");
        average("--paths U-O", "--database", database, "--out", out);
        List<String> lines = Files.readAllLines(out);

        assertThat(lines.get(0)).startsWith("# k(A^-1)  chi(k) - sum within atoms then average across atoms");
        assertThat(lines.stream().filter(line -> !line.startsWith("#")))
                .hasSize(401)
                .allMatch(line -> line.matches("\\d+\\.\\d{6} -?\\d+\\.\\d{6}"));
    }

    @Test
    void average_otherParameters_areInTheTextAndTheJson() throws IOException {
        for (Object[] source : List.of(new Object[] {"--database", database}, new Object[] {"--input-dir", tree})) {
            Path text = folder.resolve("average.dat");
            Path json = folder.resolve("average.json");
            average("--sigma2 0.003 --e0 2", source[0], source[1], "--out", text);
            average("--sigma2 0.003 --e0 2", source[0], source[1], "--out", json);

            assertThat(Files.readAllLines(text).get(2))
                    .startsWith("# {\"s02\":1.0,\"e0\":2.0,")
                    .contains("0.003");
            JsonNode parameters =
                    JsonMapper.shared().readTree(Files.readString(json)).get("parameters");
            assertThat(parameters.get("sigma2").asDouble()).isEqualTo(0.003);
            assertThat(parameters.get("interpolation").asString()).isEqualTo("cubic");
        }
    }

    @Test
    void average_diskIsFull_namesTheFileAndLeavesNothing() throws IOException {
        assumeTrue(Files.exists(Path.of("/dev/full")), "skipped: /dev/full is not there");
        Path out = folder.resolve("full.csv");
        for (String verb : List.of("average", "export")) {
            Files.createSymbolicLink(folder.resolve("full.csv.partial"), Path.of("/dev/full"));

            Shell shell = Shell.millrace("exafs", verb, "--database", database, "--out", out);

            assertThat(shell.code()).isEqualTo(1);
            assertThat(shell.errorLines()).hasSize(1);
            assertThat(shell.error()).contains("Cannot write " + out).contains("Free some space");
            assertThat(folder).isEmptyDirectory();
        }
    }

    @Test
    void queryAndExport_outWithoutFormat_isWhatItsNameSays() throws IOException {
        Path json = folder.resolve("named.json");
        Path csv = folder.resolve("named.csv");

        Shell.millrace("exafs", "export", "--database", database, "--out", json);
        assertThat(JsonMapper.shared().readTree(Files.readString(json)).get("curves"))
                .hasSize(4 * ATOMS);
        Shell.millrace("exafs", "query", "--database", database, "--frames", "1", "--out", json);
        assertThat(JsonMapper.shared()
                        .readTree(Files.readString(json))
                        .get("count")
                        .asInt())
                .isEqualTo(20 * ATOMS);
        Shell query = Shell.millrace("exafs", "query", "--database", database, "--frames", "1", "--out", csv);
        assertThat(query.code()).as(query.error()).isZero();
        assertThat(Files.readAllLines(csv)).hasSize(1 + 20 * ATOMS);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "--aggregate sum --denominator all; expected --aggregate atoms",
                "--paths U-O --max-distance 4,5; at most one for each of 1 path types",
                "--max-distance 4,5; expected one distance where no path types are given",
                "--max-distance far; expected a number of at least 0, found 'far'",
                "--start 5 --end 3; expected a frame before --end",
                "--start x; expected a whole number",
                "--frames 1-2 --end 3; expected one, found both",
                "--paths [1,3] --paths-numbers 4; expected one",
                "--nleg two; expected numbers and ranges",
                "--or depth=3; expected key=value",
                "--denominator some; Invalid value",
                "--num-workers 0; expected a number 1..1024",
                "--min-distance 5 --max-distance 4; expected a smallest below the largest",
                "--kstep 0; expected 0 ≤ kmin ≤ kmax",
                "--rebuild; expected --build-database or a configuration"
            })
    void average_wrongOptions_areRefusedInOneLine(String options, String expected) {
        Shell shell = average(options, "--input-dir", tree);

        assertThat(shell.code()).isEqualTo(2);
        assertThat(shell.errorLines())
                .filteredOn(line -> line.startsWith("error:"))
                .singleElement()
                .asString()
                .contains(expected);
        assertThat(shell.out()).isEmpty();
    }

    @Test
    void average_withoutSource_isRefused() {
        assertThat(average("").error()).contains("Expected --database or --input-dir");
        assertThat(average("--database " + folder.resolve("no.db")).code()).isEqualTo(2);
        assertThat(average("--input-dir " + folder.resolve("no")).code()).isEqualTo(2);
        assertThat(average("--input-dir " + folder).error()).contains("No path files");
    }

    @Test
    void average_missingOrDamagedDatabase_fallsBackVisiblyUnlessForbidden() throws IOException {
        Path expected = folder.resolve("expected.csv");
        average("--paths U-O", "--input-dir", tree, "--out", expected);
        Path damaged = Files.copy(database, folder.resolve("damaged.db"));
        try (RandomAccessFile file = new RandomAccessFile(damaged.toFile(), "rw")) {
            long pages = file.length() / 16_384;
            for (long page = 2; page < pages; page++) {
                file.seek(page * 16_384 + 8_000);
                file.write(new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
            }
        }
        for (Path broken : List.of(damaged, folder.resolve("missing.db"))) {
            Path out = folder.resolve("out.csv");
            Shell shell = average("--paths U-O", "--database", broken, "--input-dir", tree, "--out", out);

            assertThat(shell.code()).as(shell.error()).isZero();
            assertThat(shell.error()).contains("warning: Cannot use the database, reading the files of " + tree);
            assertThat(Files.readString(out)).isEqualTo(Files.readString(expected));
            assertThat(average("--no-fallback", "--database", broken, "--input-dir", tree, "--out", out)
                            .code())
                    .isEqualTo(Files.exists(broken) ? 4 : 2);
        }
    }

    @Test
    void average_files_leavesTheTreeAsItWas() throws IOException {
        Map<Path, Long> before = listing();
        average("--paths U-O", "--input-dir", tree, "--out", folder.resolve("a.csv"));
        average("--paths-numbers 1-3", "--input-dir", tree);

        assertThat(listing()).isEqualTo(before);
    }

    @Test
    void average_outIsTheDatabase_isRefused() throws IOException {
        byte[] before = Files.readAllBytes(database);
        Shell shell = average("", "--database", database, "--out", database);

        assertThat(shell.code()).isEqualTo(2);
        assertThat(Files.readAllBytes(database)).isEqualTo(before);
    }

    @Test
    void query_countsAndLists_asTheDocumentNamesThem() throws IOException {
        Shell count = Shell.millrace("exafs", "query", "--database", database, "--count", "--json");
        JsonNode counted = JsonMapper.shared().readTree(count.out());
        assertThat(counted.get("paths").asLong()).isEqualTo(160);
        assertThat(counted.get("atoms").asLong()).isEqualTo(8);
        Shell csv = Shell.millrace(
                "exafs", "query", "--database", database, "--frames", "1", "--paths", "U-O", "--format", "csv");
        List<String> lines = csv.out().lines().toList();
        assertThat(lines.get(0))
                .isEqualTo("id,frame,atom_id,path_num,nleg,deg,reff,path_type,atom_sequence,element,element_type");
        assertThat(lines.get(1)).matches("\\d+,1,0,1,2,1,2\\.\\d+,U-O,\"\\[\"\"U\"\", \"\"O\"\"\\]\",U,U-O");
        Shell json = Shell.millrace("exafs", "query", "--input-dir", tree, "--frames", "1", "--paths", "U-O", "--json");
        assertThat(JsonMapper.shared().readTree(json.out()).get("count").asInt())
                .isEqualTo(lines.size() - 1);
        Shell none = Shell.millrace("exafs", "query", "--database", database, "--paths", "Zr-O", "--json");
        assertThat(JsonMapper.shared().readTree(none.out()).get("paths")).isEmpty();
    }

    @Test
    void export_sumsAndChi_haveAColumnForEachK() throws IOException {
        Path out = folder.resolve("sums.csv");
        Shell.millrace("exafs", "export", "--database", database, "--frames", "0", "--kweight", "2", "--out", out);
        List<String> lines = Files.readAllLines(out);
        assertThat(lines).hasSize(1 + ATOMS);
        assertThat(lines.get(0)).startsWith("frame,atom_id,paths,0,").endsWith(",20");
        assertThat(lines.get(1))
                .startsWith("0,0,20,0,")
                .satisfies(line -> assertThat(line.split(",", -1)).hasSize(3 + 401));
        Path json = folder.resolve("chi.json");
        Shell.millrace(
                "exafs",
                "export",
                "--database",
                database,
                "--what",
                "chi",
                "--frames",
                "0",
                "--atoms",
                "1",
                "--format",
                "json",
                "--out",
                json);
        JsonNode root = JsonMapper.shared().readTree(Files.readString(json));
        assertThat(root.get("k")).hasSize(401);
        assertThat(root.get("curves")).hasSize(20);
        assertThat(root.get("curves").get(0).get("chi")).hasSize(401);
    }

    private static Shell average(String options, Object... more) {
        java.util.List<Object> words = new java.util.ArrayList<>(List.of("exafs", "average"));
        java.util.regex.Matcher matcher =
                java.util.regex.Pattern.compile("'([^']*)'|(\\S+)").matcher(options);
        while (matcher.find()) {
            words.add(matcher.group(1) == null ? matcher.group(2) : matcher.group(1));
        }
        words.addAll(List.of(more));
        return Shell.millrace(words.toArray());
    }

    private JsonNode summary(String options, Path source) throws IOException {
        Path out = folder.resolve("summary.csv");
        Shell shell =
                source == null ? average(options, "--out", out) : average(options, "--database", source, "--out", out);
        assertThat(shell.code()).as(shell.error()).isZero();
        return JsonMapper.shared().readTree(shell.out());
    }

    private static Map<Path, Long> listing() throws IOException {
        Map<Path, Long> files = new TreeMap<>();
        try (Stream<Path> found = Files.walk(tree)) {
            for (Path path : found.toList()) {
                files.put(path, Files.getLastModifiedTime(path).toMillis());
            }
        }
        return files;
    }
}
