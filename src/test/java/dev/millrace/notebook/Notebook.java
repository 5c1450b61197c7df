package dev.millrace.notebook;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A saved notebook. Test support. */
record Notebook(Path file, JsonNode tree) {
    /** Beside the sources, whatever the test was started with. */
    static final Path FOLDER = Path.of("notebooks");

    /** A cell with code; {@code number} counts all cells from 1 on, as a reader does. */
    record Cell(int number, String code, JsonNode outputs, JsonNode executionCount) {
        boolean hasPicture() {
            return outputs.valueStream().anyMatch(output -> output.path("data").has("image/png"));
        }
    }

    static Notebook read(Path file) throws IOException {
        return new Notebook(file, JsonMapper.shared().readTree(Files.readString(file)));
    }

    static List<Path> all() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.filter(file -> file.toString().endsWith(".ipynb"))
                    .sorted()
                    .toList();
        }
    }

    List<Cell> code() {
        List<Cell> cells = new ArrayList<>();
        int number = 0;
        for (JsonNode cell : tree.path("cells")) {
            number++;
            if (cell.path("cell_type").asString().equals("code")) {
                cells.add(new Cell(number, text(cell), cell.path("outputs"), cell.path("execution_count")));
            }
        }
        return cells;
    }

    /** The bytes of all pictures that are saved in it. */
    List<byte[]> pictures() {
        return code().stream()
                .flatMap(cell -> cell.outputs().valueStream())
                .map(output -> output.path("data").path("image/png"))
                .filter(picture -> !picture.isMissingNode())
                .map(picture ->
                        Base64.getMimeDecoder().decode(picture.isArray() ? joined(picture) : picture.asString()))
                .toList();
    }

    /** All prose. */
    String prose() {
        StringBuilder prose = new StringBuilder();
        for (JsonNode cell : tree.path("cells")) {
            if (cell.path("cell_type").asString().equals("markdown")) {
                prose.append(text(cell)).append('\n');
            }
        }
        return prose.toString();
    }

    /** A text is saved whole, or as its lines. */
    private static String text(JsonNode cell) {
        JsonNode source = cell.path("source");
        return source.isArray() ? joined(source) : source.asString();
    }

    private static String joined(JsonNode lines) {
        StringBuilder text = new StringBuilder();
        lines.forEach(line -> text.append(line.asString()));
        return text.toString();
    }
}
