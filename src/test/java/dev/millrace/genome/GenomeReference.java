package dev.millrace.genome;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the original made, beside the repository; tests that need it are skipped where it is absent. */
final class GenomeReference {
    private static final Path FOLDER = Path.of("../shared/data/genome/reference");

    private GenomeReference() {}

    static Path file(String name) {
        Path file = FOLDER.resolve(name);
        assumeTrue(Files.exists(file), "No reference data at " + file);
        return file;
    }

    static JsonNode json(String name) throws IOException {
        return JsonMapper.builder().build().readTree(Files.readString(file(name)));
    }

    /** The contigs that the original's windows are of. */
    static List<ContigLength> contigs() throws IOException {
        JsonNode split = json("split_all.json");
        List<ContigLength> contigs = new ArrayList<>();
        for (int i = 0; i < split.get("contig_id").size(); i++) {
            contigs.add(new ContigLength(
                    split.get("contig_id").get(i).asString(),
                    split.get("length").get(i).asLong()));
        }
        return contigs;
    }
}
