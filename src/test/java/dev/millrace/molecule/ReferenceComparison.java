package dev.millrace.molecule;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Compares our features with RDKit's, molecule by molecule, and counts the differences by column.
 *
 * <p>As a program: {@code ReferenceComparison <spec> <reference.jsonl.gz> [<file.sdf.gz> | <mol folder>]} prints every
 * mismatch. Without the third argument the references carry their SMILES.
 */
final class ReferenceComparison {
    private static final String[] OGB_NODE = {
        "atomic number",
        "chirality",
        "degree",
        "charge",
        "hydrogens",
        "radicals",
        "hybridisation",
        "aromatic",
        "in ring"
    };
    private static final String[] OGB_EDGE = {"bond type", "bond stereo", "conjugated"};
    private static final JsonMapper JSON = new JsonMapper();

    private final FeatureSpec spec;
    private final PrintStream log;
    private final Map<String, Integer> moleculesByColumn = new TreeMap<>();
    private int compared;
    private int exact;

    ReferenceComparison(FeatureSpec spec, PrintStream log) {
        this.spec = spec;
        this.log = log;
    }

    int compared() {
        return compared;
    }

    int exact() {
        return exact;
    }

    /** Molecules that differ in this column; "refused" and "edges" count as columns. */
    int differingIn(String column) {
        return moleculesByColumn.getOrDefault(column, 0);
    }

    /** Molecules that differ anywhere but in stereo. */
    int differingOutsideStereo() {
        int sum = 0;
        for (Map.Entry<String, Integer> entry : moleculesByColumn.entrySet()) {
            if (!entry.getKey().contains("chirality") && !entry.getKey().contains("stereo")) {
                sum += entry.getValue();
            }
        }
        return sum;
    }

    @Override
    public String toString() {
        return spec.id() + ": " + exact + " of " + compared + " exact; differing molecules by column "
                + moleculesByColumn;
    }

    static List<JsonNode> references(InputStream gzip) throws IOException {
        List<JsonNode> nodes = new ArrayList<>();
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(new GZIPInputStream(gzip), StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                nodes.add(JSON.readTree(line));
            }
        }
        return nodes;
    }

    interface Read {
        Molecule get() throws MoleculeFormatException;
    }

    void compare(String name, JsonNode reference, Read read) {
        compared++;
        boolean expectError = reference.has("error");
        Molecule molecule;
        try {
            molecule = read.get();
        } catch (MoleculeFormatException refusal) {
            if (expectError) {
                exact++;
            } else {
                report(name, "refused", refusal.getMessage());
            }
            return;
        }
        if (expectError) {
            report(name, "accepted", reference.get("error").asString());
            return;
        }
        boolean bitspec = spec == FeatureSpec.BITSPEC_48_6;
        JsonNode nodes = reference.get(bitspec ? "x" : "node_feat");
        JsonNode edges = reference.get(bitspec ? "edge_attr" : "edge_feat");
        JsonNode index = reference.get("edge_index");
        if (nodes.size() != molecule.atomCount() || edges.size() != 2 * molecule.bondCount()) {
            report(name, "atom or bond count", nodes.size() + " atoms expected, " + molecule.atomCount() + " found");
            return;
        }
        Map<String, String> differences = new TreeMap<>();
        for (int bond = 0; bond < molecule.bondCount(); bond++) {
            if (index.get(0).get(2 * bond).asInt() != molecule.begin[bond]
                    || index.get(1).get(2 * bond).asInt() != molecule.end[bond]) {
                differences.putIfAbsent("edges", "bond " + bond);
            }
        }
        columns(nodes, spec.nodeFeatures(molecule), spec.nodeWidth(), "node ", OGB_NODE, differences);
        if (differences.get("edges") == null) {
            columns(edges, spec.edgeFeatures(molecule), spec.edgeWidth(), "edge ", OGB_EDGE, differences);
        }
        if (differences.isEmpty()) {
            exact++;
        } else {
            differences.forEach((column, detail) -> report(name, column, detail));
        }
    }

    private void columns(
            JsonNode rows, byte[] ours, int width, String kind, String[] names, Map<String, String> differences) {
        for (int row = 0; row < rows.size(); row++) {
            for (int column = 0; column < width; column++) {
                int expected = rows.get(row).get(column).asInt();
                int found = ours[row * width + column];
                if (expected != found) {
                    String name = spec == FeatureSpec.OGB_9_3 ? names[column] : kind + column;
                    differences.putIfAbsent(name, kind + row + ": expected " + expected + ", found " + found);
                }
            }
        }
    }

    private void report(String name, String column, String detail) {
        moleculesByColumn.merge(column, 1, Integer::sum);
        log.println(column + "\t" + detail + "\t" + name);
    }

    static List<String> records(Path sdf) throws IOException {
        List<String> records = new ArrayList<>();
        try (InputStream in = new GZIPInputStream(Files.newInputStream(sdf))) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            int from = 0;
            for (int end = text.indexOf("$$$$\n"); end >= 0; end = text.indexOf("$$$$\n", from)) {
                records.add(text.substring(from, end));
                from = end + 5;
            }
        }
        return records;
    }

    static ReferenceComparison ofSmiles(InputStream references, PrintStream log) throws IOException {
        ReferenceComparison comparison = new ReferenceComparison(FeatureSpec.OGB_9_3, log);
        for (JsonNode reference : references(references)) {
            String smiles = reference.get("smiles").asString();
            comparison.compare(smiles, reference, () -> MoleculeReader.smiles(smiles));
        }
        return comparison;
    }

    static ReferenceComparison ofSdf(Path references, Path sdf, PrintStream log) throws IOException {
        ReferenceComparison comparison = new ReferenceComparison(FeatureSpec.OGB_9_3, log);
        List<String> records = records(sdf);
        int number = 0;
        for (JsonNode reference : references(Files.newInputStream(references))) {
            String record = records.get(number++);
            comparison.compare("record " + number, reference, () -> MoleculeReader.mol(record, false));
        }
        return comparison;
    }

    static ReferenceComparison ofMolFolder(Path references, Path folder, PrintStream log) throws IOException {
        ReferenceComparison comparison = new ReferenceComparison(FeatureSpec.BITSPEC_48_6, log);
        for (JsonNode reference : references(Files.newInputStream(references))) {
            String id = reference.get("id").asString();
            String text = Files.readString(folder.resolve("ID" + id + ".MOL"));
            comparison.compare(id, reference, () -> MoleculeReader.mol(text, true));
        }
        return comparison;
    }

    public static void main(String[] arguments) throws IOException {
        Path references = Path.of(arguments[1]);
        ReferenceComparison result;
        if (arguments.length < 3) {
            result = ofSmiles(Files.newInputStream(references), System.out);
        } else if (Files.isDirectory(Path.of(arguments[2]))) {
            result = ofMolFolder(references, Path.of(arguments[2]), System.out);
        } else {
            result = ofSdf(references, Path.of(arguments[2]), System.out);
        }
        System.out.println(result);
    }
}
