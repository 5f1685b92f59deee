Attribute VB_Name = "SmileRibbon"
' Generated from the registry of commands by .ci/generate: do not edit.
Option Explicit

Public Sub SmileCommand(control As IRibbonControl)
    SmileRun control.Tag
End Sub

Public Sub SmileWhyButton(control As IRibbonControl)
    Dim reason As String
    If Not ActiveCell Is Nothing Then reason = SmileWhy(ActiveCell)
    If reason = "" Then reason = Text("smile_why_none", 2)
    MsgBox reason, vbInformation, "SMILE"
End Sub

Public Sub SmileRestartButton(control As IRibbonControl)
    SmileRestart
End Sub

Public Sub SmileLabel(control As IRibbonControl, ByRef returned As Variant)
    returned = Text(control.ID, 2)
End Sub

Public Sub SmileTip(control As IRibbonControl, ByRef returned As Variant)
    returned = Text(control.ID, 4)
End Sub

' A text of a control: the sheet holds English in this column and French in the next.
Private Function Text(id As String, ByVal column As Long) As String
    If SmileFrench() Then column = column + 1
    Text = SmileLookup("ribbon", id, column)
End Function
