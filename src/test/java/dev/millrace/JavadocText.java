package dev.millrace;

import com.sun.source.doctree.DocTree;
import com.sun.source.doctree.EndElementTree;
import com.sun.source.doctree.EntityTree;
import com.sun.source.doctree.LinkTree;
import com.sun.source.doctree.LiteralTree;
import com.sun.source.doctree.StartElementTree;
import com.sun.source.doctree.TextTree;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Javadoc as Markdown text on one line. */
final class JavadocText {
    private static final Map<String, String> ENTITIES = Map.of("lt", "<", "gt", ">", "amp", "&");

    private JavadocText() {}

    static String of(List<? extends DocTree> parts) {
        return parts.stream()
                .map(JavadocText::of)
                .collect(Collectors.joining())
                .replaceAll("\\s+", " ")
                .strip();
    }

    private static String of(DocTree part) {
        return switch (part.getKind()) {
            case CODE, LITERAL -> "`" + ((LiteralTree) part).getBody().getBody() + "`";
            case LINK, LINK_PLAIN -> {
                LinkTree link = (LinkTree) part;
                String label = of(link.getLabel());
                yield label.isEmpty() ? "`" + target(link.getReference().getSignature()) + "`" : label;
            }
            case ENTITY -> ENTITIES.getOrDefault(((EntityTree) part).getName().toString(), part.toString());
            case START_ELEMENT -> mark(((StartElementTree) part).getName().toString());
            case END_ELEMENT -> mark(((EndElementTree) part).getName().toString());
            case TEXT -> ((TextTree) part).getBody();
            default -> part.toString();
        };
    }

    private static String target(String signature) {
        return signature.replaceFirst("^#", "").replace('#', '.').replaceFirst("^dev\\.millrace\\.[a-z]+\\.", "");
    }

    private static String mark(String element) {
        return element.equals("p") ? " " : "";
    }
}
