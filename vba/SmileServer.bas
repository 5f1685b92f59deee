Attribute VB_Name = "SmileServer"
' One Python for all workbooks: started at the first call, kept until Excel closes or the ribbon restarts it.
Option Explicit
Option Private Module

#If Not Mac Then
Private Declare PtrSafe Function LoadLibrary Lib "kernel32" Alias "LoadLibraryA" (ByVal path As String) As LongPtr
#If Win64 Then
Private Const BRIDGE As String = "xlwings64-VERSION_OF_XLWINGS.dll"
Private Declare PtrSafe Function XLPyDLLActivateAuto Lib "xlwings64-VERSION_OF_XLWINGS.dll" ( _
    ByRef answer As Variant, ByVal command As String, ByVal mode As Long) As Long
#Else
Private Const BRIDGE As String = "xlwings32-VERSION_OF_XLWINGS.dll"
Private Declare PtrSafe Function XLPyDLLActivateAuto Lib "xlwings32-VERSION_OF_XLWINGS.dll" ( _
    ByRef answer As Variant, ByVal command As String, ByVal mode As Long) As Long
#End If
#End If

Private Const WAIT_SECONDS As Double = 10
Private Const FRENCH As Long = 12
Private Const LANGUAGE_BITS As Long = 1023
Private Const LANGUAGE_OF_MENUS As Long = 2
Private Const COUNTRY_OF_EXCEL As Long = 1
Private Const FRANCE As Long = 33

Private python As Object
Private failure As String
Private failedAt As Double

' What Python answers to a sheet function; a process that has died is replaced once.
Public Function SmileCall(message As Variant) As Variant
    #If Mac Then
        SmileCall = SmileMarker("#N/A", "sheet functions need Excel on Windows")
    #Else
        Dim tries As Long
        If failure <> "" And Abs(Timer - failedAt) < WAIT_SECONDS Then
            SmileCall = SmileMarker("#VALUE!", failure)
            Exit Function
        End If
        On Error GoTo died
again:
        If python Is Nothing Then Set python = StartedPython()
        SmileCall = python.CallUDF("smile_xl.excel.glue", "call", Array(message))
        failure = ""
        Exit Function
died:
        Set python = Nothing
        tries = tries + 1
        If tries < 2 Then Resume again
        failure = "Python does not answer: " & Err.Description
        failedAt = Timer
        SmileCall = SmileMarker("#VALUE!", failure)
    #End If
End Function

' Run a command of the ribbon. This add-in is its caller, which is open even where no workbook is.
Public Sub SmileRun(arguments As String)
    On Error GoTo failed
    #If Mac Then
        SmileStartOnMac arguments
    #Else
        Set python = StartedPython()
        failure = ""
        python.SetAttr python.Module("xlwings._xlwindows"), "BOOK_CALLER", ThisWorkbook
        python.Exec "import smile_xl.excel.macros as m; m.run(*'" & arguments & "'.split())"
    #End If
    Exit Sub
failed:
    MsgBox Err.Description, vbExclamation, "SMILE"
End Sub

' End the Python process, start another, look functions up again that Excel did not find, and calculate everything.
Public Sub SmileRestart()
    #If Mac Then
        MsgBox SmileLookup("ribbon", "smile_mac_restart", IIf(SmileFrench(), 3, 2)), vbInformation, "SMILE"
    #Else
        Dim unused As Variant
        Set python = Nothing
        failure = ""
        On Error GoTo failed
        LoadDll
        XLPyDLLActivateAuto unused, SmileLookup("smile_xl.conf", "SMILE_SERVER", 2), -1
        Set python = StartedPython()
        If Not ActiveWorkbook Is Nothing Then SmileBindNames ActiveWorkbook
        Application.CalculateFull
        Exit Sub
failed:
        MsgBox Err.Description, vbExclamation, "SMILE"
    #End If
End Sub

' A text of a hidden sheet of the add-in by the key in its first column; never of the active workbook, which may come
' from anybody. Empty where there is none.
Public Function SmileLookup(sheet As String, key As String, column As Long) As String
    Dim keys As Range
    Set keys = ThisWorkbook.Worksheets(sheet).Range("A:E")
    On Error Resume Next
    SmileLookup = Application.WorksheetFunction.VLookup(key, keys, column, False)
End Function

' True where Excel's menus are French; False also in an Excel that does not say.
Public Function SmileFrench() As Boolean
    On Error Resume Next
    #If Mac Then
        SmileFrench = (Application.International(COUNTRY_OF_EXCEL) = FRANCE)
    #Else
        SmileFrench = ((Application.LanguageSettings.LanguageID(LANGUAGE_OF_MENUS) And LANGUAGE_BITS) = FRENCH)
    #End If
End Function

#If Not Mac Then
' The command line never changes, so every workbook gets the same process.
Private Function StartedPython() As Object
    Dim answer As Variant
    LoadDll
    If XLPyDLLActivateAuto(answer, SmileLookup("smile_xl.conf", "SMILE_SERVER", 2), 1) <> 0 Then
        Err.Raise vbObjectError + 1, "SMILE", CStr(answer)
    End If
    Set StartedPython = answer
End Function

Private Sub LoadDll()
    Dim folders As String, folder As Variant
    folders = SmileLookup("smile_xl.conf", "SMILE_DLL_FOLDERS", 2)
    If folders = "" Then Exit Sub
    For Each folder In Split(folders, ";")
        If LoadLibrary(folder & "\" & BRIDGE) <> 0 Then Exit Sub
    Next folder
    Err.Raise vbObjectError + 2, "SMILE", BRIDGE & " is not in " & folders & "; run: smile-xl addin doctor"
End Sub
#End If
