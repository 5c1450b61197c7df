package dev.millrace.notebook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The notebooks run, every cell of them, and are saved with what they show. */
final class NotebooksTest {
    private static final long MOST_BYTES = 500_000;
    /** What is of one machine: folders, users. */
    private static final Pattern PRIVATE = Pattern.compile("/tmp/|/home/|/root/|/Users/|[A-Z]:\\\\\\\\");

    /** In a page of nbconvert, whose style has pictures of its own. */
    private static final Pattern IMAGE = Pattern.compile("<img[^>]{0,200}src=\"data:image/png;base64");

    @TempDir
    private Path folder;

    static List<Path> notebooks() throws IOException {
        return Notebook.all();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("notebooks")
    void cells_allInOrder_runAndShowThePicturesThatAreSaved(Path file) throws Exception {
        Notebook notebook = Notebook.read(file);
        try (CellRunner runner = new CellRunner(file)) {
            for (Notebook.Cell cell : notebook.code()) {
                Object value = runner.run(cell);
                assertThat(CellRunner.isPicture(value))
                        .as("%s, cell %d ends with a picture", file, cell.number())
                        .isEqualTo(cell.hasPicture());
            }
            runner.removeFolder();
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("notebooks")
    void file_saved_hasAllOutputsAndNothingOfAMachine(Path file) throws IOException {
        Notebook notebook = Notebook.read(file);

        assertThat(Files.size(file)).isLessThan(MOST_BYTES);
        assertThat(notebook.tree().path("nbformat").asInt()).isEqualTo(4);
        assertThat(notebook.tree().at("/metadata/kernelspec/name").asString()).isEqualTo("millrace");
        List<Notebook.Cell> cells = notebook.code();
        for (int i = 0; i < cells.size(); i++) {
            assertThat(cells.get(i).executionCount().asInt())
                    .as("%s was run from top to bottom", file)
                    .isEqualTo(i + 1);
            for (JsonNode output : cells.get(i).outputs()) {
                assertThat(output.path("output_type").asString()).isNotEqualTo("error");
                assertThat(output.path("name").asString("")).isNotEqualTo("stderr");
            }
        }
        assertThat(cells).anyMatch(Notebook.Cell::hasPicture);
        assertThat(notebook.prose()).startsWith("# ").contains("README.md");
        assertThat(PRIVATE.matcher(Files.readString(file)).results().map(found -> found.group()))
                .isEmpty();
    }

    @Test
    void readme_everyNotebook_isListedWithAPictureOfIt() throws IOException {
        String readme = Files.readString(Notebook.FOLDER.resolve("README.md"));

        assertThat(notebooks()).hasSize(7);
        for (Path file : notebooks()) {
            String picture = "images/" + file.getFileName().toString().replace(".ipynb", ".png");
            assertThat(readme).contains("(" + file.getFileName() + ")", "(" + picture + ")");
            byte[] shown = Files.readAllBytes(Notebook.FOLDER.resolve(picture));
            assertThat(Notebook.read(file).pictures())
                    .as("%s is one of the notebook's pictures", picture)
                    .anyMatch(saved -> Arrays.equals(saved, shown));
        }
    }

    @Test
    void cell_thatThrowsOrDoesNotCompile_isNamedWithItsLine() throws IOException {
        Notebook notebook = Notebook.read(written(
                "int good = 1;\n\n// a remark\nint bad(int by) {\n    return good / by;\n}\n\nSystem.out.println(\"so far\");\nbad(0)",
                "int other = 2;\nint wrong =\n    missing + 1;",
                "void later() {\n    nowhere();\n}",
                "%jar x.jar"));
        try (CellRunner runner = new CellRunner(notebook.file())) {
            List<Notebook.Cell> cells = notebook.code();
            assertThatThrownBy(() -> runner.run(cells.get(0)))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContainingAll(
                            "one.ipynb, cell 1, line 9 [bad(0)]", "ArithmeticException: / by zero", "so far");
            assertThatThrownBy(() -> runner.run(cells.get(1)))
                    .hasMessageContainingAll("one.ipynb, cell 2, line 3 [missing + 1;]", "cannot find symbol");
            assertThatThrownBy(() -> runner.run(cells.get(2))).hasMessageContainingAll("cell 3, line 1", "nowhere");
            assertThatThrownBy(() -> runner.run(cells.get(3))).hasMessageContaining("found a magic");
        }
    }

    @Test
    void setup_givenJars_writesAKernelThatJupyterStarts() throws Exception {
        Path jar = Files.writeString(folder.resolve("kernel.jar"), "stands for the kernel");
        Path kernels = folder.resolve("Jupyter \"data\"");

        Ran ran = setup("--kernels", kernels.toString(), "--class-path", "a\\b.jar", "--kernel-jar", jar.toString());

        assertThat(ran.exit).as(ran.output).isZero();
        JsonNode specification =
                JsonMapper.shared().readTree(Files.readString(kernels.resolve("millrace/kernel.json")));
        List<String> command =
                specification.path("argv").valueStream().map(JsonNode::asString).toList();
        assertThat(command.get(0)).startsWith(System.getProperty("java.home"));
        assertThat(command).endsWith("org.rapaio.jupyter.kernel.MainApp", "{connection_file}");
        String[] classPath =
                command.get(command.indexOf("-cp") + 1).split(Pattern.quote(System.getProperty("path.separator")), -1);
        assertThat(classPath[0]).isEqualTo("a\\b.jar");
        assertThat(Path.of(classPath[1]).resolve("org/rapaio/jupyter/kernel/channels/LoopThread.class"))
                .exists();
        assertThat(Path.of(classPath[2])).hasSameTextualContentAs(jar);
        assertThat(specification.path("language").asString()).isEqualTo("java");
        assertThat(specification.path("env").path("OMP_WAIT_POLICY").asString()).isEqualTo("PASSIVE");
    }

    @Test
    void setup_wrongArguments_saysWhichInOneLine() throws Exception {
        Ran ran = setup("--kernel-jar", folder.resolve("absent.jar").toString());

        assertThat(ran.exit).isEqualTo(2);
        assertThat(ran.output)
                .startsWith("error: Expected a file, found none at ")
                .contains("absent.jar");
        assertThat(ran.output.strip().lines()).hasSize(1);
    }

    /** That Jupyter's own tools can read them: its schema is checked, and every picture is taken out. */
    @Test
    void nbconvert_allNotebooks_givesPagesWithTheirPictures() throws Exception {
        assumeTrue(hasNbconvert(), "jupyter nbconvert is not here");
        List<String> command =
                new ArrayList<>(List.of("jupyter", "nbconvert", "--to", "html", "--output-dir", folder.toString()));
        notebooks().forEach(file -> command.add(file.toString()));

        Ran ran = run(command, Map.of());

        assertThat(ran.exit).as(ran.output).isZero();
        for (Path file : notebooks()) {
            String page = Files.readString(
                    folder.resolve(file.getFileName().toString().replace(".ipynb", ".html")));
            long pictures = Notebook.read(file).code().stream()
                    .filter(Notebook.Cell::hasPicture)
                    .count();
            assertThat(IMAGE.matcher(page).results()).as("%s", file).hasSize((int) pictures);
        }
    }

    /** The whole way of a user: kernel, Jupyter, run. Needs both on this machine. */
    @Test
    @Tag("campaign")
    void nbconvert_withTheKernel_runsEveryNotebook() throws Exception {
        Path kernel = Path.of(
                System.getProperty("user.home"),
                ".m2/repository/io/github/padreati/rapaio-jupyter-kernel/3.0.1/rapaio-jupyter-kernel-3.0.1.jar");
        assumeTrue(hasNbconvert(), "jupyter nbconvert is not here");
        assumeTrue(Files.exists(kernel), "the kernel is not in the local Maven repository");
        Path data = folder.resolve("jupyter");
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        Ran setup = setup(
                "--kernels",
                data.resolve("kernels").toString(),
                "--class-path",
                classPath,
                "--kernel-jar",
                kernel.toString());
        assertThat(setup.exit).as(setup.output).isZero();
        for (Path file : notebooks()) {
            Ran ran = run(
                    List.of(
                            "jupyter",
                            "nbconvert",
                            "--to",
                            "notebook",
                            "--execute",
                            "--ExecutePreprocessor.timeout=600",
                            "--output-dir",
                            folder.toString(),
                            file.toString()),
                    Map.of("JUPYTER_DATA_DIR", data.toString()));
            assertThat(ran.exit).as(ran.output).isZero();
            Notebook fresh = Notebook.read(folder.resolve(file.getFileName()));
            assertThat(fresh.code())
                    .map(Notebook.Cell::hasPicture)
                    .isEqualTo(Notebook.read(file).code().stream()
                            .map(Notebook.Cell::hasPicture)
                            .toList());
        }
    }

    private Path written(String... cells) throws IOException {
        List<Map<String, Object>> all = new ArrayList<>();
        for (String code : cells) {
            all.add(Map.of("cell_type", "code", "metadata", Map.of(), "outputs", List.of(), "source", List.of(code)));
        }
        return Files.writeString(
                folder.resolve("one.ipynb"), JsonMapper.shared().writeValueAsString(Map.of("cells", all)));
    }

    private static boolean hasNbconvert() throws InterruptedException {
        try {
            return run(List.of("jupyter", "nbconvert", "--version"), Map.of()).exit == 0;
        } catch (IOException e) {
            return false;
        }
    }

    private static Ran setup(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                Notebook.FOLDER.resolve("Setup.java").toString()));
        command.addAll(List.of(arguments));
        return run(command, Map.of());
    }

    private record Ran(int exit, String output) {}

    private static Ran run(List<String> command, Map<String, String> environment)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ran(process.waitFor(), output);
    }
}
