package dev.millrace;

import com.sun.source.doctree.DocCommentTree;
import com.sun.source.tree.AnnotationTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.ModifiersTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * Writes docs/api.md: what a user of the library can see, as one document, read from the sources. Left out is what carries
 * {@code @Internal}, and what a type has from a documented parent.
 */
final class ApiDocument {
    private static final String INTRODUCTION = """
            # The public surface

            Every type and member that Millrace promises to its users, by package. Made from the sources; a test compares. After a change:
            `mvn test -Dtest=ApiDocumentTest -Dmillrace.api.write=true`. What is public for Millrace's own packages only is marked `@Internal`
            and not listed: see [decisions/0019](decisions/0019-public-surface.md). Overridden methods stand with the type that declares them.

            The same words everywhere:

            | word | meaning |
            |---|---|
            | `setY`, `optY` | on whatever has a builder: `set` is required, `opt` optional, as in DJL |
            | `X.builder()` … `build()` | makes a thing that stays: a dataset, a store, a plan, a format |
            | `new XBuilder()` … `build()`, `new GenomeImport()` … `run()` | work on files; gives an `XBuildReport`, a report |
            | `of(…)`, `withY(…)` | a value from its parts; the same with another part |
            | `parse(text)`, `named(text)` | a value from a text that a person wrote; from the name of a specification |
            | `open(…)`, `read(…)` | holds a file or a thread until `close()`; the content, nothing stays open |
            | `XOverview`, `XVerification.verify(…)` | a look into a file; reads all of it and lists faults |
            | `size()`, `xCount()` | elements of what has elements; how many of something else |
            | `position`, `id` | 0-based place in a split; key in the database |
            | `…Millis`, `seconds`, `Duration`, `Instant` | stored times; measured ones, a `double`; settings; moments of a run |
            """;

    private static final String LITERAL = "-?[0-9][-+.\\w]*|\"[^\"]*\"|true|false";
    private static final int LINE_LENGTH = 140;

    private final Path sources;
    private final Map<String, List<Entry>> packages = new TreeMap<>();
    private final Map<String, String> sentences = new TreeMap<>();

    /** A type with its nested ones already flattened: one heading each. */
    private record Entry(String name, String sentence, List<String> lines) {}

    private ApiDocument(Path sources) {
        this.sources = sources;
    }

    /** The document for the sources below a folder, {@code src/main/java}. */
    static String of(Path sources) throws IOException {
        ApiDocument document = new ApiDocument(sources);
        document.read();
        return document.text();
    }

    private void read() throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null);
                Stream<Path> walk = Files.walk(sources)) {
            List<Path> paths = walk.filter(path -> path.toString().endsWith(".java"))
                    .sorted()
                    .toList();
            JavacTask task = (JavacTask) compiler.getTask(
                    null, files, null, List.of("-proc:none"), null, files.getJavaFileObjectsFromPaths(paths));
            DocTrees docs = DocTrees.instance(task);
            for (CompilationUnitTree unit : task.parse()) {
                read(unit, docs);
            }
        }
    }

    private void read(CompilationUnitTree unit, DocTrees docs) {
        String name = unit.getPackageName().toString().replaceFirst("^dev\\.millrace\\.?", "");
        TreePath root = new TreePath(unit);
        if (unit.getPackage() != null && unit.getTypeDecls().isEmpty()) {
            if (unit.getPackageAnnotations().stream().noneMatch(ApiDocument::internal)) {
                sentences.put(name, sentence(docs.getDocCommentTree(new TreePath(root, unit.getPackage()))));
            }
            return;
        }
        for (Tree tree : unit.getTypeDecls()) {
            if (tree instanceof ClassTree type && type.getModifiers().getFlags().contains(Modifier.PUBLIC)) {
                add(packages.computeIfAbsent(name, key -> new ArrayList<>()), "", type, new TreePath(root, type), docs);
            }
        }
    }

    private static void add(List<Entry> entries, String outer, ClassTree type, TreePath path, DocTrees docs) {
        if (internal(type.getModifiers())) {
            return;
        }
        String name = outer + type.getSimpleName();
        List<String> lines = new ArrayList<>();
        lines.add(declaration(type));
        for (Tree member : type.getMembers()) {
            if (member instanceof VariableTree field
                    && visible(field.getModifiers(), type)
                    && !component(field, type)) {
                lines.add(field(field, type));
            }
        }
        if (type.getKind() == Tree.Kind.CLASS
                && !type.getModifiers().getFlags().contains(Modifier.ABSTRACT)
                && constructors(type).isEmpty()) {
            lines.add(type.getSimpleName() + "()");
        }
        for (Tree member : type.getMembers()) {
            if (member instanceof MethodTree method && visible(method.getModifiers(), type) && !untold(method, type)) {
                lines.add(method(method, type));
            }
        }
        entries.add(new Entry(name, sentence(docs.getDocCommentTree(path)), lines));
        for (Tree member : type.getMembers()) {
            if (member instanceof ClassTree nested && visible(nested.getModifiers(), type)) {
                add(entries, name + ".", nested, new TreePath(path, nested), docs);
            }
        }
    }

    private static boolean visible(ModifiersTree modifiers, ClassTree owner) {
        Set<Modifier> flags = modifiers.getFlags();
        boolean open = !owner.getModifiers().getFlags().contains(Modifier.FINAL);
        boolean inInterface = owner.getKind() == Tree.Kind.INTERFACE && !flags.contains(Modifier.PRIVATE);
        return (inInterface || flags.contains(Modifier.PUBLIC) || (open && flags.contains(Modifier.PROTECTED)))
                && !internal(modifiers)
                && modifiers.getAnnotations().stream().noneMatch(annotation -> named(annotation, "Override"));
    }

    private static boolean internal(ModifiersTree modifiers) {
        return modifiers.getAnnotations().stream().anyMatch(ApiDocument::internal);
    }

    private static boolean internal(AnnotationTree annotation) {
        return named(annotation, "Internal");
    }

    private static boolean named(AnnotationTree annotation, String name) {
        String found = annotation.getAnnotationType().toString();
        return found.equals(name) || found.endsWith("." + name);
    }

    /** The parser gives a record's components as private fields; they stand in its header, as an enum's constants do. */
    private static boolean component(VariableTree field, ClassTree type) {
        return type.getKind() == Tree.Kind.RECORD
                ? !field.getModifiers().getFlags().contains(Modifier.STATIC)
                : constant(field, type);
    }

    /** The parser marks an enum's constants by nothing but the comment that it prints. */
    private static boolean constant(VariableTree field, ClassTree type) {
        return type.getKind() == Tree.Kind.ENUM && field.toString().contains("/*public static final*/");
    }

    /** A record's canonical constructor says nothing that its header does not; exceptions are made by Millrace alone. */
    private static boolean untold(MethodTree method, ClassTree type) {
        if (method.getReturnType() != null) {
            return false;
        }
        boolean canonical = type.getKind() == Tree.Kind.RECORD
                && method.getParameters().stream()
                        .map(ApiDocument::variable)
                        .toList()
                        .equals(components(type));
        return canonical || type.getSimpleName().toString().endsWith("Exception");
    }

    private static List<MethodTree> constructors(ClassTree type) {
        return type.getMembers().stream()
                .filter(member -> member instanceof MethodTree method && method.getReturnType() == null)
                .map(MethodTree.class::cast)
                .toList();
    }

    private static List<String> components(ClassTree type) {
        return type.getMembers().stream()
                .filter(member -> member instanceof VariableTree field && component(field, type))
                .map(member -> variable((VariableTree) member))
                .toList();
    }

    private static String declaration(ClassTree type) {
        String kind = switch (type.getKind()) {
            case INTERFACE -> "interface ";
            case ENUM -> "enum ";
            case RECORD -> "record ";
            case ANNOTATION_TYPE -> "@interface ";
            default -> "class ";
        };
        StringBuilder text = new StringBuilder();
        for (Modifier flag : List.of(Modifier.ABSTRACT, Modifier.SEALED, Modifier.NON_SEALED, Modifier.FINAL)) {
            if (type.getModifiers().getFlags().contains(flag) && type.getKind() != Tree.Kind.RECORD) {
                text.append(flag).append(' ');
            }
        }
        text.append(kind).append(type.getSimpleName()).append(parameters(type.getTypeParameters()));
        if (type.getKind() == Tree.Kind.RECORD) {
            text.append(components(type).stream().collect(Collectors.joining(", ", "(", ")")));
        }
        if (type.getKind() == Tree.Kind.ENUM) {
            text.append(type.getMembers().stream()
                    .filter(member -> member instanceof VariableTree field && constant(field, type))
                    .map(member -> ((VariableTree) member).getName().toString())
                    .collect(Collectors.joining(", ", " { ", " }")));
        }
        if (type.getExtendsClause() != null) {
            text.append(" extends ").append(type.getExtendsClause());
        }
        text.append(
                list(type.getKind() == Tree.Kind.INTERFACE ? " extends " : " implements ", type.getImplementsClause()));
        text.append(list(" permits ", type.getPermitsClause()));
        return clean(text.toString());
    }

    private static String field(VariableTree field, ClassTree owner) {
        boolean constant = owner.getKind() == Tree.Kind.INTERFACE
                || field.getModifiers().getFlags().containsAll(Set.of(Modifier.STATIC, Modifier.FINAL));
        String value = "";
        if (constant
                && field.getInitializer() != null
                && field.getInitializer().toString().matches(LITERAL)) {
            value = " = " + field.getInitializer();
        }
        return clean((constant ? "static " : "") + variable(field) + value);
    }

    private static String method(MethodTree method, ClassTree owner) {
        StringBuilder text = new StringBuilder();
        Set<Modifier> flags = method.getModifiers().getFlags();
        if (flags.contains(Modifier.PROTECTED)) {
            text.append("protected ");
        }
        if (flags.contains(Modifier.STATIC)) {
            text.append("static ");
        }
        if (flags.contains(Modifier.ABSTRACT) && owner.getKind() == Tree.Kind.CLASS) {
            text.append("abstract ");
        }
        if (flags.contains(Modifier.DEFAULT)) {
            text.append("default ");
        }
        if (!method.getTypeParameters().isEmpty()) {
            text.append(parameters(method.getTypeParameters())).append(' ');
        }
        text.append(nullable(method.getModifiers()));
        if (method.getReturnType() == null) {
            text.append(owner.getSimpleName());
        } else {
            text.append(method.getReturnType()).append(' ').append(method.getName());
        }
        text.append(
                method.getParameters().stream().map(ApiDocument::variable).collect(Collectors.joining(", ", "(", ")")));
        text.append(list(" throws ", method.getThrows()));
        return clean(text.toString());
    }

    private static String variable(VariableTree variable) {
        String type = variable.getType().toString();
        if (variable.toString().contains("...")) {
            type = type.replaceFirst("\\[]$", "...");
        }
        return nullable(variable.getModifiers()) + type + " " + variable.getName();
    }

    private static String nullable(ModifiersTree modifiers) {
        return modifiers.getAnnotations().stream().anyMatch(annotation -> named(annotation, "Nullable"))
                ? "@Nullable "
                : "";
    }

    private static String parameters(List<? extends Tree> parameters) {
        return parameters.isEmpty()
                ? ""
                : parameters.stream().map(Objects::toString).collect(Collectors.joining(", ", "<", ">"));
    }

    private static String list(String word, List<? extends Tree> trees) {
        return trees.isEmpty() ? "" : trees.stream().map(Objects::toString).collect(Collectors.joining(", ", word, ""));
    }

    /** The tree prints annotations with empty parentheses. */
    private static String clean(String text) {
        return text.replace("@Nullable()", "@Nullable").replaceAll("\\s+", " ");
    }

    private static String sentence(DocCommentTree comment) {
        return comment == null ? "" : JavadocText.of(comment.getFirstSentence());
    }

    private String text() {
        sentences.keySet().removeIf(name -> name.isEmpty() || !packages.containsKey(name));
        StringBuilder text = new StringBuilder(INTRODUCTION);
        text.append(sentences.keySet().stream()
                .map(name -> "[" + name + "](#" + name + ")")
                .collect(Collectors.joining(" · ", "\n", "\n")));
        sentences.forEach((name, sentence) -> {
            text.append("\n## ").append(name).append("\n\n").append(sentence).append('\n');
            for (Entry entry : packages.get(name)) {
                text.append("\n### ").append(entry.name()).append("\n\n");
                if (!entry.sentence().isEmpty()) {
                    text.append(entry.sentence()).append("\n\n");
                }
                text.append("```java\n").append(wrapped(entry.lines().get(0), "        "));
                entry.lines().stream().skip(1).forEach(line -> text.append(wrapped("    " + line, "            ")));
                text.append("```\n");
            }
        });
        return text.toString();
    }

    /** The line, broken after commas where it is too long. */
    private static String wrapped(String line, String indentation) {
        StringBuilder text = new StringBuilder();
        String rest = line;
        while (rest.length() > LINE_LENGTH) {
            int end = rest.lastIndexOf(", ", LINE_LENGTH);
            if (end <= indentation.length()) {
                break;
            }
            text.append(rest, 0, end + 1).append('\n');
            rest = indentation + rest.substring(end + 2);
        }
        return text.append(rest).append('\n').toString();
    }
}
