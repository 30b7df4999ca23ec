import { useEditorContext } from '@graphiql/react';
import { useEffect } from 'react';

/** Lets the Tab key leave the editors, so that the page can be used without a mouse: Tab would indent otherwise. */
export function TabLeavesEditors() {
  const { queryEditor, variableEditor, headerEditor, responseEditor } = useEditorContext({ nonNull: true });
  useEffect(() => {
    for (const editor of [queryEditor, variableEditor, headerEditor, responseEditor]) {
      const keys = editor?.getOption('extraKeys');
      editor?.setOption('extraKeys', { ...(typeof keys === 'object' ? keys : {}), Tab: false, 'Shift-Tab': false });
    }
  }, [queryEditor, variableEditor, headerEditor, responseEditor]);
  return null;
}
