package dev.millrace.exafs;

import java.util.List;
import java.util.stream.Collectors;

/**
 * The sequence of atoms of a path. Immutable.
 *
 * @param name labels joined by dashes, absorber first, without the way back: {@code U-O-O}
 * @param legCount number of legs
 * @param labels FEFF's labels, absorber first; as many as legs, but for some paths in databases of MD-EXAFS, which drops blank ones
 * @param elements symbols of the same atoms by their atomic numbers; empty where the source does not know them, as a database of
 *     MD-EXAFS
 */
public record PathType(String name, int legCount, List<String> labels, List<String> elements) {
    public PathType {
        labels = List.copyOf(labels);
        elements = List.copyOf(elements);
    }

    /** The type of a path read from its file. */
    public static PathType of(FeffPath path) {
        return new PathType(
                path.pathType(),
                path.legCount(),
                path.atoms().stream().map(PathAtom::label).toList(),
                path.atoms().stream()
                        .map(atom -> Elements.symbol(atom.atomicNumber()))
                        .toList());
    }

    /** Elements joined by dashes; empty where they are not known. */
    public String elementName() {
        return String.join("-", elements);
    }

    /** The labels as the source document stores them: {@code ["U", "O"]}. */
    public String sequence() {
        return labels.stream().map(PathTypes::quoted).collect(Collectors.joining(", ", "[", "]"));
    }
}
